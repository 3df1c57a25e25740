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
        for index in open.indices where open[index].unit == unit && open[index].service == service {
            roll(index, at: now)
            return index
        }
        open.append(Slot(service: service, unit: unit, counter: Counter(window: unit.window.window(at: now))))
        return open.count - 1
    }

    /// Opens the next window if the counter's is over. What was counted in that one is kept until it is written, and
    /// while something is set aside in it.
    private mutating func roll(_ index: Int, at now: Timestamp) {
        guard now >= open[index].counter.window.end else { return }
        let over = open[index]
        _ = open[index].counter.roll(over.unit.window, at: now)
        open[index].isDirty = false
        if over.isDirty || isInFlight || over.counter.reserved > 0 { closed.append(over) }
    }

    /// Takes a counter as the store has it; the newest window of each is the open one.
    mutating func add(_ record: CounterRecord, at now: Timestamp) {
        var slot = Slot(service: record.id.service, unit: record.id.unit, counter: record.counter)
        if record.counter.window.end > now {
            guard let index = open.firstIndex(where: { $0.unit == slot.unit && $0.service == slot.service }) else {
                open.append(slot)
                return
            }
            if open[index].counter.window.end < slot.counter.window.end { swap(&open[index], &slot) }
        }
        if slot.counter.reserved > 0 { closed.append(slot) }
    }

    /// Changes a counter of a window, if it is still here.
    mutating func change(
        _ id: CounterID, windowEnd: Timestamp, _ body: (inout Counter) -> Void
    ) {
        func isIt(_ slot: Slot) -> Bool {
            slot.unit == id.unit && slot.service == id.service && slot.counter.window.end == windowEnd
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
            $0.unit == id.unit && $0.service == id.service && $0.counter.window.end == windowEnd
        }?.counter
    }

    /// What is to be written; it counts as written from now on.
    mutating func takeDirty() -> [CounterRecord] {
        let records = (open + closed).filter(\.isDirty).map(record)
        for index in open.indices { open[index].isDirty = false }
        for index in closed.indices { closed[index].isDirty = false }
        return records
    }

    /// It was not written after all.
    mutating func soil() {
        for index in open.indices { open[index].isDirty = true }
        for index in closed.indices { closed[index].isDirty = true }
    }

    /// Forgets counters that are over, written and settled.
    mutating func tidy(at now: Timestamp) {
        closed.removeAll { !$0.isDirty && $0.counter.reserved == 0 }
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
