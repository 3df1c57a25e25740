import AccessApplication
import AccessContract
import AccessDomain
import Shared
import Synchronization

extension CountingMeter {
    package func reserve(_ draw: Draw, _ request: ReservationRequest) async throws -> ReserveOutcome {
        let now = clock.now
        let subject: MeterSubject =
            switch draw.drawer {
            case .known(let subject): subject
            case .anonymous(let caller, _): caller.network
            }
        return state.withLock { state in
            let earlier = state.held.values.first {
                $0.reservation.caller == request.caller && $0.reservation.key == request.key
            }
            if let earlier = earlier?.reservation {
                let isSame = earlier.isRepeated(
                    by: request.caller, subject: subject, service: draw.service, amount: draw.cost)
                return isSame ? .reserved(earlier, DrawOutcome(isAllowed: true, binding: nil)) : .keyReused
            }
            let (outcome, parts) = state.draw(draw, at: now) { Charges.reserve(&$0) }
            guard outcome.isAllowed else { return .refused(outcome) }
            let reservation = Reservation(
                id: request.id, key: request.key, caller: request.caller, subject: subject, service: draw.service,
                amount: draw.cost, reservedAt: now, expiresAt: now + request.lifetime)
            state.held[request.id] = Held(reservation: reservation, parts: parts.filter { !$0.charge.isBurst })
            return .reserved(reservation, outcome)
        }
    }

    package func settle(
        _ id: ReservationID, used: Settlement, by caller: Identifier
    ) async throws -> SettleOutcome {
        let now = clock.now
        return state.withLock { state in
            guard let reservation = state.held[id]?.reservation, reservation.caller == caller else { return .unknown }
            let step: Reservation.Step
            let next: Reservation.State
            switch used {
            case .commit(let used): (step, next) = (reservation.commit(used, at: now), .committed(used: max(0, used)))
            case .release: (step, next) = (reservation.release(at: now), .released)
            }
            switch step {
            case .settle(let used): return state.settle(id, used: used, next)
            case .repeated: return .settled(reservation)
            case .conflict: return .conflict(reservation)
            case .expired:
                if reservation.isOverdue(at: now) { _ = state.settle(id, used: 0, .expired) }
                return .expired
            }
        }
    }

    /// Gives back the reservations that nobody ended in time.
    ///
    /// - Returns: how many.
    package func expireReservations() -> Int {
        let now = clock.now
        return state.withLock { state in
            let overdue = state.held.filter { $0.value.reservation.isOverdue(at: now) }.keys
            for id in overdue { _ = state.settle(id, used: 0, .expired) }
            return overdue.count
        }
    }
}

extension CountingMeter.State {
    fileprivate mutating func settle(
        _ id: ReservationID, used: Int, _ next: Reservation.State
    ) -> SettleOutcome {
        guard let held = held[id] else { return .unknown }
        var charges = held.parts.map { part in
            let window = part.charge.counter.window
            let counter = counters[part.key]?.first { $0.window == window } ?? Counter(window: window)
            return Charge(
                counter: counter, limit: part.charge.limit, amount: held.reservation.amount, isSoft: part.charge.isSoft)
        }
        var span = charges.mutableSpan
        let outcome = Charges.settle(&span, used: used)
        guard outcome.isAllowed else {
            return .noRoom(outcome.binding.map { BindingLimit(policy: held.parts[$0].policy, charge: charges[$0]) })
        }
        for (part, charge) in zip(held.parts, charges) { save(charge.counter, part.key) }
        self.held[id]?.reservation.state = next
        return .settled(self.held[id]?.reservation ?? held.reservation)
    }
}
