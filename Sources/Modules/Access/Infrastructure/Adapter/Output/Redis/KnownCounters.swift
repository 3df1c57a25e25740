import AccessApplication
import AccessContract
import AccessDomain
import Shared

/// What this process knows of counters: floors for a server that lost its data, and what decides while there is none.
/// Behind the meter's lock.
struct KnownCounters: Sendable {
    struct Subject: Sendable {
        /// A handful: found by looking at each.
        var counters: [(place: ServiceID?, unit: CounterUnit, known: KnownCounter)] = []
    }

    /// What was counted while Redis was away, or nobody knows whether it was.
    struct Owed: Sendable {
        struct Item: Sendable, Equatable {
            let id: CounterID
            let end: Timestamp
            let amount: Int
        }

        struct Doubtful: Sendable {
            let number: UInt64
            /// Whether it was let pass.
            let isWanted: Bool
            let items: [Item]
        }

        var items: [Item] = []
        var doubtful: [Doubtful] = []
        /// The number under which it goes to Redis, once it has been sent.
        var number: UInt64?

        var isEmpty: Bool { items.isEmpty && doubtful.isEmpty }
    }

    private let subjectsMax: Int
    private var younger: [SubjectKey: Subject] = [:]
    private var older: [SubjectKey: Subject] = [:]
    private var dirty: Set<SubjectKey> = []
    private(set) var owed: [QuotaGroup: Owed] = [:]
    /// Sent, and not answered: it is sent again as it is.
    private(set) var sent: [QuotaGroup: Owed] = [:]

    /// - Parameter subjectsMax: so many are kept, and up to twice as many.
    init(subjectsMax: Int) { self.subjectsMax = max(16, subjectsMax) }

    var owes: Bool { !owed.isEmpty || !sent.isEmpty }
    var owingGroups: Set<QuotaGroup> { Set(owed.keys).union(sent.keys) }
    func owes(_ group: QuotaGroup) -> Bool { owes && (owed[group] != nil || sent[group] != nil) }

    // MARK: Subjects

    mutating func knows(_ subject: SubjectKey) -> Bool { find(subject) != nil }

    private mutating func find(_ key: SubjectKey) -> Subject? {
        if let known = younger[key] { return known }
        guard let known = older.removeValue(forKey: key) else { return nil }
        insert(known, key)
        return known
    }

    private mutating func insert(_ subject: Subject, _ key: SubjectKey) {
        if younger.count >= subjectsMax {
            // What is still to be written or sent stays.
            let kept = older.filter { $0.value.counters.contains { $0.known.isDirty || $0.known.extra != 0 } }
            older = younger
            younger = kept
        }
        younger[key] = subject
    }

    /// Takes over what the database has, unless something is known already.
    mutating func install(_ key: SubjectKey, _ records: [CounterRecord]) {
        guard find(key) == nil else { return }
        insert(
            Subject(
                counters: records.map {
                    (
                        $0.id.service, $0.id.unit,
                        KnownCounter(counter: $0.counter.withoutReserved, confirmed: $0.counter.used)
                    )
                }), key)
    }

    /// Everything of a subject is read again when it comes next.
    mutating func forget(_ key: SubjectKey) {
        younger[key] = nil
        older[key] = nil
        for group in owingGroups where group.own.subject == key {
            owed[group] = nil
            sent[group] = nil
        }
    }

    /// The database is asked again, unless something is still to be written or sent.
    mutating func reread(_ key: SubjectKey) {
        guard let known = find(key), !known.counters.contains(where: { $0.known.isDirty || $0.known.extra != 0 }) else {
            return
        }
        younger[key] = nil
    }

    subscript(_ id: CounterID) -> KnownCounter? {
        mutating get {
            find(id.subject)?.counters.first { $0.unit == id.unit && $0.place == id.service }?.known
        }
    }

    private mutating func update(_ id: CounterID, _ initial: KnownCounter, _ body: (inout KnownCounter) -> Void) {
        if find(id.subject) == nil { insert(Subject(), id.subject) }
        if Self.update(&younger[id.subject, default: Subject()], id, initial, body) { dirty.insert(id.subject) }
    }

    /// - Returns: whether the counter is to be written.
    private static func update(
        _ subject: inout Subject, _ id: CounterID, _ initial: KnownCounter, _ body: (inout KnownCounter) -> Void
    ) -> Bool {
        if let index = subject.counters.firstIndex(where: { $0.unit == id.unit && $0.place == id.service }) {
            body(&subject.counters[index].known)
            return subject.counters[index].known.isDirty
        }
        var known = initial
        body(&known)
        subject.counters.append((id.service, id.unit, known))
        return known.isDirty
    }

    /// What is known of the counters of a draw. Their subject is the same nearly always: it is found once.
    mutating func known(_ parts: [DrawPart]) -> [KnownCounter?] {
        var last: (key: SubjectKey, subject: Subject?)?
        return parts.map { part in
            if last?.key != part.id.subject { last = (part.id.subject, find(part.id.subject)) }
            return last?.subject?.counters.first { $0.unit == part.id.unit && $0.place == part.id.service }?.known
        }
    }

    /// - Parameters:
    ///   - charges: their counters are as Redis has them.
    ///   - epochs: one for each.
    mutating func learn(_ parts: [DrawPart], _ charges: [Charge], _ epochs: [QuotaEpoch], over connection: Int) {
        var next = 0
        while next < parts.count {
            let key = parts[next].id.subject
            if find(key) == nil { insert(Subject(), key) }
            var isDirty = false
            Self.modify(&younger[key, default: Subject()]) { subject in
                while next < parts.count, parts[next].id.subject == key {
                    let counter = charges[next].counter
                    let epoch = epochs[next]
                    let initial = KnownCounter(
                        counter: Counter(window: counter.window), confirmed: 0, epoch: epoch, isDirty: true)
                    let isChanged = Self.update(&subject, parts[next].id, initial) {
                        $0.learn(counter, epoch, over: connection)
                    }
                    isDirty = isDirty || isChanged
                    next += 1
                }
            }
            if isDirty { dirty.insert(key) }
        }
    }

    private static func modify(_ subject: inout Subject, _ body: (inout Subject) -> Void) { body(&subject) }

    /// Whether Redis was heard over this connection about all counters of a draw, and has lost none of them since.
    mutating func isCurrent(_ call: QuotaDraw, over connection: Int) -> Bool {
        guard connection > 0 else { return false }
        var last: (key: SubjectKey, subject: Subject?)?
        for part in call.parts {
            if last?.key != part.id.subject { last = (part.id.subject, find(part.id.subject)) }
            let known = last?.subject?.counters.first { $0.unit == part.id.unit && $0.place == part.id.service }?.known
            if known?.connection != connection { return false }
        }
        return true
    }

    /// Redis has lost something: what others know is asked for before it counts again.
    mutating func outdate(_ call: QuotaDraw) {
        for part in call.parts {
            guard let known = self[part.id] else { continue }
            update(part.id, known) { $0.connection = 0 }
        }
    }

    /// Whether Redis was ever heard about it: then others may have been, too.
    mutating func hasHeard(_ call: QuotaDraw) -> Bool {
        for part in call.parts where self[part.id].map({ $0.epoch.made != 0 }) ?? false { return true }
        return false
    }

    // MARK: Without Redis

    /// Decides on what is known, and counts nothing.
    mutating func look(_ call: QuotaDraw, at now: Timestamp) -> DrawOutcome {
        let (outcome, charges) = judge(call, at: now)
        return DrawOutcome(outcome, charges, tellsNews: false) { call.draw.rules[call.parts[$0].rule] }.degraded
    }

    /// Decides on what is known.
    ///
    /// - Parameter number: of the draw that was sent; nil if it was not.
    mutating func decide(_ call: QuotaDraw, number: UInt64?, at now: Timestamp) -> DrawOutcome {
        let (outcome, charges) = judge(call, at: now)
        if outcome.isAllowed || number != nil {
            // A burst is over before Redis is back.
            let items = charges.indices.filter { !charges[$0].isBurst }.map {
                Owed.Item(id: call.parts[$0].id, end: charges[$0].counter.window.end, amount: charges[$0].amount)
            }
            owe(call.group, number: number, isWanted: outcome.isAllowed, items, at: now)
        }
        for index in charges.indices where outcome.isAllowed || charges[index].news != nil {
            count(charges[index].counter, in: call.parts[index].id)
        }
        return DrawOutcome(outcome, charges) { call.draw.rules[call.parts[$0].rule] }.degraded
    }

    private mutating func judge(_ call: QuotaDraw, at now: Timestamp) -> (ChargeOutcome, [Charge]) {
        var charges = call.parts.indices.map { index in
            let id = call.parts[index].id
            var counter = self[id]?.counter ?? Counter(window: id.unit.window.window(at: now))
            _ = counter.roll(id.unit.window, at: now)
            return call.charge(index, counter)
        }
        let outcome = charges.take()
        return (outcome, charges)
    }

    private mutating func count(_ counter: Counter, in id: CounterID) {
        let initial = KnownCounter(counter: Counter(window: counter.window), confirmed: 0)
        update(id, initial) { known in
            if known.counter.window != counter.window { known.confirmed = 0 }
            known.counter = counter
            known.isDirty = true
        }
    }

    /// Notes that counters are to change by this when Redis is back.
    mutating func owe(_ group: QuotaGroup, _ items: [Owed.Item], at now: Timestamp) {
        owe(group, number: nil, isWanted: true, items, at: now)
        for item in items {
            let window = item.id.unit.window.window(at: item.end - .milliseconds(1))
            let initial = KnownCounter(counter: Counter(window: window), confirmed: 0)
            update(item.id, initial) { known in
                guard known.counter.window.end == item.end else { return }
                known.counter.merge(used: item.amount)
                known.isDirty = true
            }
        }
    }

    private mutating func owe(
        _ group: QuotaGroup, number: UInt64?, isWanted: Bool, _ items: [Owed.Item], at now: Timestamp
    ) {
        var owing = owed[group] ?? Owed()
        owed[group] = nil
        owing.items.removeAll { $0.end <= now }
        if let number {
            owing.doubtful.append(Owed.Doubtful(number: number, isWanted: isWanted, items: items))
        } else {
            for item in items {
                if let index = owing.items.firstIndex(where: { $0.id == item.id && $0.end == item.end }) {
                    owing.items[index] = Owed.Item(
                        id: item.id, end: item.end, amount: owing.items[index].amount + item.amount)
                } else {
                    owing.items.append(item)
                }
            }
        }
        owed[group] = owing
    }

    // MARK: With Redis again

    /// Whose counters are owed something.
    func owingSubjects(_ group: QuotaGroup) -> Set<SubjectKey> {
        let all = [owed[group], sent[group]].compactMap { $0 }
        return Set(all.flatMap { $0.items + $0.doubtful.flatMap(\.items) }.map(\.id.subject))
    }

    /// What to send next; nil for nothing. What was sent and not answered comes first.
    mutating func takeOwed(_ group: QuotaGroup) -> Owed? {
        if let waiting = sent[group] { return waiting }
        guard let owing = owed.removeValue(forKey: group) else { return nil }
        sent[group] = owing
        return owing
    }

    /// The number under which it is sent, each time.
    ///
    /// - Parameter next: if it has none yet.
    mutating func numbered(_ group: QuotaGroup, _ next: UInt64) -> UInt64 {
        let number = sent[group]?.number ?? next
        sent[group]?.number = number
        return number
    }

    /// Redis has it.
    mutating func returned(_ group: QuotaGroup, _ owing: Owed) {
        guard sent.removeValue(forKey: group) != nil else { return }
        let wanted = owing.items + owing.doubtful.filter(\.isWanted).flatMap(\.items)
        for item in wanted {
            guard let known = self[item.id], known.counter.window.end == item.end else { continue }
            update(item.id, known) { $0.confirmed = min($0.counter.used, $0.confirmed + item.amount) }
        }
    }

    // MARK: The database

    /// What has changed since the last time, and is taken for written.
    mutating func takeDirty(limit: Int) -> [CounterRecord] {
        var records: [CounterRecord] = []
        while records.count < limit, let key = dirty.popFirst() {
            if younger[key] == nil {
                Self.takeDirty(key, &older[key], &records)
            } else {
                Self.takeDirty(key, &younger[key], &records)
            }
        }
        return records
    }

    private static func takeDirty(_ key: SubjectKey, _ subject: inout Subject?, _ records: inout [CounterRecord]) {
        guard var known = subject, known.counters.contains(where: \.known.isDirty) else { return }
        subject = nil
        for index in known.counters.indices where known.counters[index].known.isDirty {
            known.counters[index].known.isDirty = false
            let counter = known.counters[index].known.confirmedCounter
            // Shorter windows are over before anybody could need them.
            guard [.day, .month].contains(known.counters[index].unit), counter.used > 0 else { continue }
            let id = CounterID(subject: key, service: known.counters[index].place, unit: known.counters[index].unit)
            records.append(CounterRecord(id: id, counter: counter))
        }
        subject = known
    }

    /// What other processes have seen, as they wrote it.
    mutating func raise(_ records: [CounterRecord]) {
        for record in records {
            guard let known = self[record.id], known.counter.window.end == record.counter.window.end,
                record.counter.used > known.confirmed
            else { continue }
            update(record.id, known) { known in
                known.counter.merge(used: record.counter.used - known.confirmed)
                known.confirmed = record.counter.used
            }
        }
    }

    /// Of a subject, with what Redis has not heard of.
    mutating func records(of key: SubjectKey, at now: Timestamp) -> [CounterRecord] {
        (find(key)?.counters ?? []).compactMap { place, unit, known in
            known.counter.window.isOver(at: now)
                ? nil : CounterRecord(id: CounterID(subject: key, service: place, unit: unit), counter: known.counter)
        }
    }

    /// They could not be written.
    mutating func putBack(_ records: [CounterRecord]) {
        for record in records where self[record.id] != nil {
            update(record.id, KnownCounter(counter: record.counter, confirmed: 0)) { $0.isDirty = true }
        }
    }
}
