import AccessApplication
import AccessContract
import AccessDomain
import Shared

/// Draws: the part that runs on every request.
extension CounterMemory {
    enum DrawKind: Sendable {
        case take
        /// Changes nothing.
        case peek
        case reserve(ReservationRequest)
    }

    enum Drawn: Sendable {
        /// Somebody whose counters must be loaded first.
        case unknown(MeterSubject)
        /// - `wait`: tells when it may be answered, if it has to be durable.
        case decided(DrawOutcome, wait: JournalTicket?)
        indirect case reserved(Reservation, DrawOutcome, wait: JournalTicket)
        /// What must be durable cannot be made so any more.
        case closed
        /// Counts could not be written for so long that nothing is counted on them any more.
        case stalled
    }

    /// A draw for which nothing has to be waited for any more.
    enum Decided: Sendable {
        case decided(DrawOutcome)
        case reserved(Reservation, DrawOutcome)

        var outcome: DrawOutcome {
            switch self {
            case .decided(let outcome), .reserved(_, let outcome): outcome
            }
        }
    }

    mutating func draw(_ draw: Draw, _ kind: DrawKind, keys: SubjectKeys, at now: Timestamp) -> Drawn {
        charges.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        if let unknown = collect(draw, at: now) { return .unknown(unknown) }
        switch kind {
        case .take:
            let isStrict = draw.isStrict
            if isStrict, isClosed { return .closed }
            let outcome = charges.take()
            keep(outcome, isDurable: isStrict)
            let wait = isStrict && outcome.isAllowed ? add(JournalChange(steps: steps, entry: nil)) : nil
            return .decided(answer(outcome, draw), wait: wait)
        case .peek:
            let outcome = charges.take()
            return .decided(answer(outcome, draw, tellsNews: false), wait: nil)
        case .reserve(let request):
            if isClosed { return .closed }
            let outcome = charges.reserve()
            keep(outcome, isDurable: true)
            guard outcome.isAllowed else { return .decided(answer(outcome, draw), wait: nil) }
            let stored = stored(draw, request, keys, at: now)
            let wait = add(JournalChange(steps: reservedSteps, entry: .reserved(stored)))
            return .reserved(stored.reservation, answer(outcome, draw), wait: wait)
        }
    }

    /// Puts the draw's counters before the rules.
    ///
    /// - Returns: somebody who is not known yet.
    private mutating func collect(_ draw: Draw, at now: Timestamp) -> MeterSubject? {
        var first = 0
        for number in 0..<draw.shareCount {
            let share = draw.share(number)
            guard let entry = indices[share.subject] else { return share.subject }
            if number == 0 { first = entry }
            use(entry, at: now)
            for rule in draw.rules.indices where !draw.rules[rule].isBurst {
                add(draw, rule, factor: share.factor, entry, at: now)
            }
        }
        for rule in draw.rules.indices where draw.rules[rule].isBurst {
            guard let entry = isKnown(first, as: draw.burstSubject) ? first : indices[draw.burstSubject] else {
                return draw.burstSubject
            }
            use(entry, at: now)
            add(draw, rule, factor: 1, entry, at: now)
        }
        return nil
    }

    private func isKnown(_ entry: Int, as subject: MeterSubject) -> Bool {
        guard let known = entries[entry].subject else { return false }
        return known == subject
    }

    private mutating func use(_ entry: Int, at now: Timestamp) {
        entries[entry].lastUse = now
        entries[entry].uses = entries[entry].uses == .max ? .max : entries[entry].uses + 1
    }

    private mutating func add(_ draw: Draw, _ rule: Int, factor: Int, _ entry: Int, at now: Timestamp) {
        let service = draw.service(of: draw.rules[rule])
        let slot = entries[entry].slot(service, CounterUnit(draw.rules[rule]), at: now)
        charges.append(
            Charge(counter: entries[entry].open[slot].counter, rule: draw.rules[rule], cost: draw.cost, factor: factor))
        places.append(Place(entry: entry, slot: slot, rule: rule))
    }

    /// Copies the counters back: all of them, or after a refusal those of which something is told.
    private mutating func keep(_ outcome: ChargeOutcome, isDurable: Bool) {
        for index in places.indices where outcome.isAllowed || charges[index].news != nil {
            let place = places[index]
            if entries[place.entry].keep(place.slot, charges[index].counter, isDurable: isDurable) { mark(place.entry) }
        }
    }

    private func answer(_ outcome: ChargeOutcome, _ draw: Draw, tellsNews: Bool = true) -> DrawOutcome {
        DrawOutcome(outcome, charges, tellsNews: tellsNews) { draw.rules[places[$0].rule] }
    }
}

/// What the draw did, for those that must be durable.
extension CounterMemory {
    private func id(_ index: Int) -> CounterID {
        let entry = entries[places[index].entry]
        let slot = entry.open[places[index].slot]
        return CounterID(subject: entry.key, service: slot.service, unit: slot.unit)
    }

    private var steps: [JournalChange.Step] {
        charges.indices.map {
            JournalChange.Step(
                id: id($0), windowEnd: charges[$0].counter.window.end, used: charges[$0].amount, reserved: 0)
        }
    }

    private var reservedSteps: [JournalChange.Step] {
        charges.indices.map {
            let (amount, isBurst) = (charges[$0].amount, charges[$0].isBurst)
            return JournalChange.Step(
                id: id($0), windowEnd: charges[$0].counter.window.end, used: isBurst ? amount : 0,
                reserved: isBurst ? 0 : amount)
        }
    }

    private func stored(
        _ draw: Draw, _ request: ReservationRequest, _ keys: SubjectKeys, at now: Timestamp
    ) -> StoredReservation {
        let holds = charges.indices.filter { !charges[$0].isBurst }.map { index in
            let charge = charges[index]
            return StoredReservation.Hold(
                id: id(index), window: charge.counter.window, limit: charge.limit, isSoft: charge.isSoft,
                policy: draw.rules[places[index].rule].policy)
        }
        return StoredReservation(
            reservation: Reservation(request, draw, at: now), subject: keys.key(of: draw.holder), holds: holds)
    }
}

extension CounterMemory.Drawn {
    /// As it is told while counts cannot be written. What waits to be durable is not degraded: it is written or fails.
    var degraded: Self {
        guard case .decided(let outcome, wait: nil) = self else { return self }
        return .decided(outcome.degraded, wait: nil)
    }
}

extension DrawOutcome {
    var degraded: DrawOutcome {
        DrawOutcome(
            isAllowed: isAllowed, binding: binding, isBurst: isBurst, exceedsSoftLimit: exceedsSoftLimit,
            isDegraded: true, news: news)
    }
}
