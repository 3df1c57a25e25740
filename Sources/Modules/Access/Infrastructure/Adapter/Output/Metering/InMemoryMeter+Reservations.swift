import AccessApplication
import AccessContract
import AccessDomain
import Shared

extension InMemoryMeter {
    package func reserve(_ draw: Draw, _ request: ReservationRequest) async throws -> ReserveOutcome {
        try await reservations.alone("\(request.caller) \(request.key)") {
            if let earlier = try await journal.reservation(caller: request.caller, key: request.key)?.reservation {
                guard earlier.isRepeated(by: request, draw) else { return .keyReused }
                return .reserved(earlier, try await peek(draw.free))
            }
            switch try await settled(attempt(draw, .reserve(request)), draw, .reserve(request)) {
            case .reserved(let reservation, let outcome): return .reserved(reservation, outcome)
            case .decided(let outcome): return .refused(outcome)
            }
        }
    }

    package func settle(
        _ id: ReservationID, used: Settlement, by caller: Identifier
    ) async throws -> SettleOutcome {
        try await end(id, ReservationEnd(used), by: caller)
    }

    /// Gives back what nobody ended in time.
    ///
    /// - Returns: how many reservations.
    package func expireReservations() async throws -> Int {
        let overdue = try await journal.overdue(at: clock.now, limit: 100)
        return try await overdue.endEach(logger) { _ = try await end($0, .expire, by: nil) }
    }

    /// - Parameter caller: nil for the meter itself.
    private func end(
        _ id: ReservationID, _ end: ReservationEnd, by caller: Identifier?
    ) async throws -> SettleOutcome {
        try await reservations.alone("\(id)") {
            guard let stored = try await journal.reservation(id),
                caller.map({ $0 == stored.reservation.caller }) ?? true
            else { return .unknown }
            switch stored.reservation.ending(end, at: clock.now) {
            case .answer(let answer): return answer
            case .settle(let used, let state):
                var ended = stored.reservation
                ended.state = state
                let changed = try await change { [ended] in $0.settle(stored, used: used, ended, at: $1) }
                if case .refused(let limit) = changed { return .noRoom(limit) }
                return ended.settled
            }
        }
    }
}

extension Draw {
    /// The same, but that it costs nothing: to tell what is left.
    var free: Draw {
        Draw(
            drawer: drawer, burstSubject: burstSubject, service: service, rules: rules.filter { !$0.isBurst },
            cost: 0, version: version, insists: insists)
    }
}
