import AccessContract
import AccessDomain
import Shared
import Synchronization

@testable import AccessInfrastructure

/// A journal in tables that a test can break: nothing is written any more, as after a crash or with a full disk.
final class BreakableJournal: CounterJournal {
    private let journal: SQLCounterJournal
    /// How many more writes succeed; nil for all.
    private let writesLeft = Mutex<Int?>(nil)

    init(_ journal: SQLCounterJournal) {
        self.journal = journal
    }

    func breakDown(afterWrites count: Int = 0) { writesLeft.withLock { $0 = count } }
    func mend() { writesLeft.withLock { $0 = nil } }

    func write(_ counters: [CounterRecord], _ entries: [JournalEntry]) async throws {
        let isBroken = writesLeft.withLock { left in
            guard let count = left else { return false }
            left = max(0, count - 1)
            return count == 0
        }
        if isBroken { throw Unavailable("database", reason: "the test broke it") }
        try await journal.write(counters, entries)
    }

    func counters(of subject: SubjectKey, at now: Timestamp) async throws -> [CounterRecord] {
        try await journal.counters(of: subject, at: now)
    }

    func reservation(_ id: ReservationID) async throws -> StoredReservation? { try await journal.reservation(id) }

    func reservation(caller: Identifier, key: String) async throws -> StoredReservation? {
        try await journal.reservation(caller: caller, key: key)
    }

    func overdue(at now: Timestamp, limit: Int) async throws -> [ReservationID] {
        try await journal.overdue(at: now, limit: limit)
    }

    func isDone(_ merge: DeviceMerge) async throws -> Bool { try await journal.isDone(merge) }
}
