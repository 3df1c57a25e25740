import AccessContract
import AccessDomain
import Shared

/// What a meter in memory knows of one subject.
struct MeteredEntry: Sendable {
    /// One counter.
    struct Slot: Sendable {
        let service: ServiceID?
        let unit: CounterUnit
        var counter: Counter
        /// Not written yet.
        var isDirty = false

        /// What is kept of it when its window is over: of one that a clock ahead has opened no count, which else would
        /// be found when its time comes.
        func ended(at now: Timestamp) -> Slot {
            guard counter.window.start.isAhead(of: now), counter.used > 0 else { return self }
            return Slot(service: service, unit: unit, counter: counter.forgotten, isDirty: true)
        }

        /// By words and not by `==` of other modules' types: this is asked several times for each request.
        func isFor(_ service: ServiceID?, _ unit: CounterUnit) -> Bool {
            guard self.unit == unit else { return false }
            switch (self.service, service) {
            case (nil, nil): return true
            case (let mine?, let other?):
                return mine.value.low == other.value.low && mine.value.high == other.value.high
            default: return false
            }
        }
    }

    let key: SubjectKey
    /// Nil for a network that is known by its digest only.
    var subject: MeterSubject?
    /// One for each service and unit.
    var open: [Slot] = []
    /// Of windows that are over: to be written, or with something set aside.
    var closed: [Slot] = []
    var isDirty = false
    /// What it was is being written.
    var isInFlight = false
    /// Let go; its place is free.
    var isVacant = false
    var lastUse: Timestamp
    /// How often it was used, halved now and then: the least used goes first.
    var uses: UInt32 = 0

    init(_ key: SubjectKey, _ subject: MeterSubject?, at now: Timestamp) {
        self.key = key
        self.subject = subject
        lastUse = now
    }

    /// The place of an open counter, made or brought to the window of now.
    mutating func slot(_ service: ServiceID?, _ unit: CounterUnit, at now: Timestamp) -> Int {
        for index in open.indices where open[index].isFor(service, unit) {
            roll(index, at: now)
            return index
        }
        open.append(Slot(service: service, unit: unit, counter: Counter(window: unit.window.window(at: now))))
        return open.count - 1
    }

    /// Opens the next window if the counter's is over. What was counted in that one is kept until it is written, and
    /// while something is set aside in it.
    private mutating func roll(_ index: Int, at now: Timestamp) {
        guard open[index].counter.window.isOver(at: now) else { return }
        let over = open[index].ended(at: now)
        _ = open[index].counter.roll(over.unit.window, at: now)
        open[index].isDirty = false
        if over.isDirty || isInFlight || over.counter.reserved > 0 { closed.append(over) }
    }

    /// Takes a counter as the store has it; the newest window of each is the open one.
    mutating func add(_ record: CounterRecord, at now: Timestamp) {
        var slot = Slot(service: record.id.service, unit: record.id.unit, counter: record.counter)
        if !record.counter.window.isOver(at: now) {
            guard let index = open.firstIndex(where: { $0.isFor(record.id.service, record.id.unit) }) else {
                open.append(slot)
                return
            }
            if open[index].counter.window.end < slot.counter.window.end { swap(&open[index], &slot) }
        } else {
            slot = slot.ended(at: now)
        }
        if slot.counter.reserved > 0 || slot.isDirty { closed.append(slot) }
    }

    /// Changes a counter of a window, if it is still here.
    mutating func change(
        _ id: CounterID, windowEnd: Timestamp, _ body: (inout Counter) -> Void
    ) {
        func isIt(_ slot: Slot) -> Bool {
            slot.isFor(id.service, id.unit) && slot.counter.window.end == windowEnd
        }
        if let index = open.firstIndex(where: isIt) {
            body(&open[index].counter)
            open[index].isDirty = true
        } else if let index = closed.firstIndex(where: isIt) {
            body(&closed[index].counter)
            closed[index].isDirty = true
        }
    }

    /// Nil if it is gone.
    func counter(_ id: CounterID, windowEnd: Timestamp) -> Counter? {
        (open + closed).first {
            $0.isFor(id.service, id.unit) && $0.counter.window.end == windowEnd
        }?.counter
    }

    /// The end of the window in which something was counted at that time; nil if it is gone.
    func windowEnd(of id: CounterID, countedAt: Timestamp) -> Timestamp? {
        (open + closed).filter { $0.isFor(id.service, id.unit) && $0.counter.window.end > countedAt }
            .map(\.counter.window.end).min()
    }

    /// Copies a counter back after a draw.
    ///
    /// - Parameter isDurable: else a second is not written, which is over before a process is back.
    /// - Returns: whether it is to be written.
    mutating func keep(_ slot: Int, _ counter: Counter, isDurable: Bool) -> Bool {
        open[slot].counter = counter
        if !isDurable, case .second = open[slot].unit.window { return false }
        open[slot].isDirty = true
        return true
    }

    /// Appends what is to be written; it counts as written from now on.
    mutating func takeDirty(into records: inout [CounterRecord]) {
        isDirty = false
        isInFlight = true
        for index in open.indices where open[index].isDirty {
            open[index].isDirty = false
            records.append(record(open[index]))
        }
        for index in closed.indices where closed[index].isDirty {
            closed[index].isDirty = false
            records.append(record(closed[index]))
        }
    }

    /// It was not written after all.
    mutating func soil() {
        for index in open.indices { open[index].isDirty = true }
        for index in closed.indices { closed[index].isDirty = true }
    }

    /// Forgets what was kept of windows that are over, once it is written and settled.
    mutating func forgetClosed() {
        if !closed.isEmpty { closed.removeAll { !$0.isDirty && $0.counter.reserved == 0 } }
    }

    /// Forgets counters that are over, written and settled.
    mutating func tidy(at now: Timestamp) {
        forgetClosed()
        open.removeAll { !$0.isDirty && $0.counter.reserved == 0 && $0.counter.window.end <= now }
    }

    /// Whether nothing is lost without it: all of it is written, but for seconds that are over.
    func canGo(at now: Timestamp) -> Bool {
        guard !isDirty, !isInFlight, !isVacant else { return false }
        for slot in open where slot.unit.window == .second && slot.counter.window.end > now { return false }
        return true
    }

    func record(_ slot: Slot) -> CounterRecord {
        CounterRecord(id: CounterID(subject: key, service: slot.service, unit: slot.unit), counter: slot.counter)
    }
}
