import AccessContract
import AccessDomain
import Shared

/// The counters that this process knows. It is behind the meter's lock; nothing here waits.
struct CounterMemory: Sendable {
    /// Where the counter of a charge is.
    struct Place: Sendable {
        let entry: Int
        let slot: Int
        /// Its index in the draw's rules.
        let rule: Int
    }

    /// How many subjects are kept; up to twice as many while none can be let go.
    let subjectsMax: Int
    var indices: [MeterSubject: Int] = [:]
    var indicesByKey: [SubjectKey: Int] = [:]
    var entries: [MeteredEntry] = []
    var vacant: [Int] = []
    /// Where the search for a subject to let go goes on.
    var hand = 0

    /// Of the draw under way; kept, so that a draw allocates nothing.
    var charges: [Charge] = []
    var places: [Place] = []

    /// Subjects with something to be written.
    var dirty: [Int] = []
    var changes: [JournalChange] = []
    var ticket = JournalTicket()
    /// Somebody waits for the next batch, even if there is nothing in it.
    var isWanted = false
    /// The journal sleeps until it is woken.
    var isIdle = false
    /// Nothing is written any more.
    var isClosed = false
    /// Since when no batch could be written, by the stopwatch; nil while they are.
    var unwrittenSince: Duration?

    /// - Parameter subjectsMax: at least 16 are kept.
    init(subjectsMax: Int) {
        self.subjectsMax = max(16, subjectsMax)
    }

    /// How many subjects are known.
    var count: Int { indicesByKey.count }

    mutating func mark(_ entry: Int) {
        guard !entries[entry].isDirty else { return }
        entries[entry].isDirty = true
        dirty.append(entry)
    }

    /// Registers a change for which its caller waits.
    ///
    /// - Returns: what tells when it is written.
    mutating func add(_ change: JournalChange) -> JournalTicket {
        changes.append(change)
        return ticket
    }

    /// Whether the journal must be woken for what was just marked. Asked once.
    mutating func takesWaking() -> Bool {
        guard isIdle, !dirty.isEmpty else { return false }
        isIdle = false
        return true
    }
}

/// What is written, and what became of it.
extension CounterMemory {
    /// Nil if there is nothing to be written and nobody waits. After a failure of what was undone an empty one follows,
    /// by which it is over.
    mutating func takeBatch() -> JournalBatch? {
        guard !dirty.isEmpty || !changes.isEmpty || isWanted || unwrittenSince != nil else {
            isIdle = true
            return nil
        }
        var counters: [CounterRecord] = []
        counters.reserveCapacity(4 * dirty.count)
        for entry in dirty { entries[entry].takeDirty(into: &counters) }
        let batch = JournalBatch(counters: counters, subjects: dirty, changes: changes, ticket: ticket)
        dirty = []
        changes = []
        ticket = JournalTicket()
        isWanted = false
        return batch
    }

    /// After a batch that was not written, the counters wait for the next one, without what had to be durable.
    ///
    /// - Parameter moment: by the stopwatch.
    mutating func finish(_ batch: JournalBatch, isWritten: Bool, at moment: Duration) {
        unwrittenSince = isWritten ? nil : unwrittenSince ?? moment
        for entry in batch.subjects { entries[entry].isInFlight = false }
        if !isWritten {
            for change in batch.changes { undo(change) }
            for entry in batch.subjects {
                entries[entry].soil()
                mark(entry)
            }
        }
        for entry in batch.subjects { entries[entry].forgetClosed() }
    }

    private mutating func undo(_ change: JournalChange) {
        for step in change.steps {
            guard let entry = indicesByKey[step.id.subject] else { continue }
            entries[entry].change(step.id, windowEnd: step.windowEnd) {
                $0 = $0.adjusted(used: -step.used, reserved: -step.reserved)
            }
        }
    }
}
