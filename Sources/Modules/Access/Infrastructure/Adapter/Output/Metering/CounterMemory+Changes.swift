import AccessApplication
import AccessContract
import AccessDomain
import Shared

/// What is not on the way of every request.
extension CounterMemory {
    enum Changed: Sendable {
        /// Somebody whose counters must be loaded first.
        case unknown(SubjectKey)
        case written(JournalTicket)
        /// There is nothing to be changed.
        case nothing
        case refused(BindingLimit?)
        /// Nothing can be made durable any more.
        case closed
    }

    /// - Parameter ended: the reservation in its last state.
    mutating func settle(
        _ stored: StoredReservation, used: Int, _ ended: Reservation, at now: Timestamp
    ) -> Changed {
        if isClosed { return .closed }
        if let unknown = stored.holds.first(where: { indicesByKey[$0.id.subject] == nil }) {
            return .unknown(unknown.id.subject)
        }
        let amount = stored.reservation.amount
        let found = stored.holds.compactMap { hold in
            counter(hold.id, windowEnd: hold.window.end).map { (hold: hold, counter: $0) }
        }
        var charges = found.map { $0.hold.charge($0.counter, amount: amount) }
        let outcome = charges.settle(used: used)
        guard outcome.isAllowed else {
            return .refused(outcome.binding.map { BindingLimit(policy: found[$0].hold.policy, charge: charges[$0]) })
        }
        var steps: [JournalChange.Step] = []
        for (part, charge) in zip(found, charges) {
            let (id, end) = (part.hold.id, part.hold.window.end)
            set(id, windowEnd: end, charge.counter.tellingAgain(since: part.counter))
            steps.append(
                JournalChange.Step(
                    id: id, windowEnd: end, used: used, reserved: charge.counter.reserved - part.counter.reserved))
        }
        return .written(add(JournalChange(steps: steps, entry: .ended(ended))))
    }

    /// - Parameter countedAt: when the amount was counted; a counter whose window of that time is gone stays.
    mutating func giveBack(_ amount: Int, _ ids: [CounterID], countedAt: Timestamp) -> Changed {
        if isClosed { return .closed }
        if let unknown = ids.first(where: { indicesByKey[$0.subject] == nil }) { return .unknown(unknown.subject) }
        var steps: [JournalChange.Step] = []
        for id in ids {
            guard let entry = indicesByKey[id.subject],
                let end = entries[entry].windowEnd(of: id, countedAt: countedAt),
                let before = counter(id, windowEnd: end)
            else { continue }
            var after = before
            after.giveBack(amount)
            set(id, windowEnd: end, after)
            steps.append(JournalChange.Step(id: id, windowEnd: end, used: after.used - before.used, reserved: 0))
        }
        return steps.isEmpty ? .nothing : .written(add(JournalChange(steps: steps, entry: nil)))
    }

    mutating func merge(
        _ merge: DeviceMerge, device: SubjectKey, user: SubjectKey, at now: Timestamp
    ) -> Changed {
        if isClosed { return .closed }
        guard let source = indicesByKey[device] else { return .unknown(device) }
        guard let target = indicesByKey[user] else { return .unknown(user) }
        let additions = merge.additions(records(of: source))
        if additions.isEmpty { return .nothing }
        let steps = additions.map { addition in
            let slot = entries[target].slot(addition.service, addition.unit, at: now)
            let id = CounterID(subject: user, service: addition.service, unit: addition.unit)
            var counter = entries[target].open[slot].counter
            counter.merge(used: addition.used)
            set(id, windowEnd: counter.window.end, counter)
            return JournalChange.Step(id: id, windowEnd: counter.window.end, used: addition.used, reserved: 0)
        }
        return .written(add(JournalChange(steps: steps, entry: .merged(merge))))
    }

    /// What was used is forgotten also if that cannot be written now: it will be.
    mutating func reset(_ subject: SubjectKey, at now: Timestamp) -> Changed {
        guard let entry = indicesByKey[subject] else { return .unknown(subject) }
        for record in records(of: entry) where record.counter.window.end > now {
            set(record.id, windowEnd: record.counter.window.end, record.counter.forgotten)
        }
        if isClosed { return .closed }
        isWanted = true
        return .written(ticket)
    }

    /// Nil for somebody whose counters must be loaded first.
    func uses(of subject: SubjectKey, at now: Timestamp) -> [MeteredUse]? {
        indicesByKey[subject].map { records(of: $0).uses(at: now) }
    }

    private func records(of entry: Int) -> [CounterRecord] {
        entries[entry].open.map { entries[entry].record($0) }
    }

    private func counter(_ id: CounterID, windowEnd: Timestamp) -> Counter? {
        indicesByKey[id.subject].flatMap { entries[$0].counter(id, windowEnd: windowEnd) }
    }

    private mutating func set(_ id: CounterID, windowEnd: Timestamp, _ counter: Counter) {
        guard let entry = indicesByKey[id.subject] else { return }
        entries[entry].change(id, windowEnd: windowEnd) { $0 = counter }
        mark(entry)
    }
}
