import AccessApplication
import AccessContract
import AccessDomain
import SQL
import Shared

extension SQLMeter {
    package func reserve(_ draw: Draw, _ request: ReservationRequest) async throws -> ReserveOutcome {
        let parts = draw.parts(keys)
        let subject = keys.key(of: draw.holder)
        return try await database.write { transaction in
            let reservations = SQLReservationTable(transaction: transaction, keys: keys)
            let table = SQLCounterTable(transaction: transaction)
            let earlier = try reservations.lock(caller: request.caller, key: request.key)?.reservation
            if let earlier, !earlier.isRepeated(by: request, draw) { return .keyReused }
            try table.lock(parts.map(\.id.subject))
            let now = clock.now
            if let earlier {
                let free = draw.free
                var sheet = try ChargeSheet(free, free.parts(keys), in: table, at: now)
                return .reserved(earlier, sheet.answer(sheet.charges.take(), tellsNews: false))
            }
            var sheet = try ChargeSheet(draw, parts, in: table, at: now)
            let outcome = sheet.charges.reserve()
            try table.save(sheet.changed(outcome))
            guard outcome.isAllowed else { return .refused(sheet.answer(outcome)) }
            let reservation = Reservation(request, draw, at: now)
            try reservations.insert(
                StoredReservation(reservation: reservation, subject: subject, holds: sheet.holds))
            return .reserved(reservation, sheet.answer(outcome))
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
    package func expireReservations() async throws -> Int { try await expireReservations { _ in } }

    /// - Parameter ended: called with each that was looked at, as its row is now.
    func expireReservations(_ ended: (Reservation) async throws -> Void) async throws -> Int {
        let now = clock.now
        let overdue = try await database.read {
            try SQLReservationTable(transaction: $0, keys: keys).overdue(at: now, limit: 100)
        }
        return try await overdue.endEach(logger) { id in
            _ = try await end(id, .expire, by: nil)
            if let reservation = try await reservation(id) { try await ended(reservation) }
        }
    }

    /// As its row is now.
    func reservation(_ id: ReservationID) async throws -> Reservation? {
        try await database.read { try SQLReservationTable(transaction: $0, keys: keys).find(id)?.reservation }
    }

    /// Gives one back that nobody was told of, and frees its key.
    func withdraw(_ id: ReservationID) async throws {
        try await database.write { transaction in
            let reservations = SQLReservationTable(transaction: transaction, keys: keys)
            guard let stored = try reservations.lock(id), stored.reservation.state == .open else { return }
            _ = try settle(stored, used: 0, in: SQLCounterTable(transaction: transaction))
            try reservations.delete(id)
        }
    }

    /// - Parameter caller: nil for the meter itself.
    private func end(
        _ id: ReservationID, _ end: ReservationEnd, by caller: Identifier?
    ) async throws -> SettleOutcome {
        try await database.write { transaction in
            let reservations = SQLReservationTable(transaction: transaction, keys: keys)
            guard let stored = try reservations.lock(id),
                caller.map({ $0 == stored.reservation.caller }) ?? true
            else { return .unknown }
            switch stored.reservation.ending(end, at: clock.now) {
            case .answer(let answer): return answer
            case .settle(let used, let state):
                let table = SQLCounterTable(transaction: transaction)
                if let refusal = try settle(stored, used: used, in: table) { return refusal }
                var ended = stored.reservation
                ended.state = state
                try reservations.update(ended)
                return ended.settled
            }
        }
    }

    /// - Returns: that there is no room; nil if the counters were changed.
    private func settle(
        _ stored: StoredReservation, used: Int, in table: SQLCounterTable
    ) throws -> SettleOutcome? {
        try table.lock(stored.holds.map(\.id.subject))
        let held = Dictionary(try table.held(by: stored.holds).map { ($0.id, $0.counter) }) { $1 }
        let found = stored.holds.compactMap { hold in held[hold.id].map { (hold: hold, counter: $0) } }
        var charges = found.map { $0.hold.charge($0.counter, amount: stored.reservation.amount) }
        let outcome = charges.settle(used: used)
        guard outcome.isAllowed else {
            return .noRoom(
                outcome.binding.map { BindingLimit(policy: found[$0].hold.policy, charge: charges[$0]) })
        }
        try table.save(
            zip(found, charges).map {
                CounterRecord(id: $0.hold.id, counter: $1.counter.tellingAgain(since: $0.counter))
            })
        return nil
    }
}
