import AccessApplication
import AccessContract
import AccessDomain
import Redis
import Shared

/// A reservation is a row, which says whose it is and how it ended, and a key in Redis, which holds what is set aside
/// there. The row is written first and ended first, the key follows, and every step may be repeated.
///
/// While Redis is away nothing can be set aside where all processes see it, so reservations are `Unavailable` then.
extension RedisMeter {
    enum Settled: Equatable {
        case done
        /// Something else is held by now.
        case changed
        case noRoom(BindingLimit?)
    }

    package func reserve(_ draw: Draw, _ request: ReservationRequest) async throws -> ReserveOutcome {
        let parts = draw.byDurability
        let reserved = try await sql.reserve(parts.strict, request)
        guard case .reserved(let reservation, let first) = reserved else { return reserved }
        guard reservation.state == .open else {
            return .reserved(reservation, first.joined(try await lookFast(parts.fast.free)))
        }
        let call = call(parts.fast)
        _ = await load(call)
        let named = Named(
            key: names.reservation(reservation.id, of: call.group), holds: QuotaHolds.packed(call, withLimits: true))
        let outcome: DrawOutcome
        do {
            outcome = try await reserve(call, named)
        } catch let loss as Loss {
            // Where nobody knows, the row stays: with its key the same again, or it expires, and both end what is held.
            if loss.number == nil, reservation.id == request.id { try await sql.withdraw(reservation.id) }
            throw Unavailable("quota", reason: "Redis cannot be reached")
        }
        if outcome.isAllowed { return .reserved(reservation, first.joined(outcome)) }
        try await sql.withdraw(reservation.id)
        return .refused(outcome)
    }

    /// - Throws: `Loss`
    private func reserve(_ call: QuotaDraw, _ named: Named) async throws -> DrawOutcome {
        try await bringBack(call.group)
        for _ in 0..<4 {
            switch try await askInTurn(call, .reserve, named: named) {
            case .decided(let outcome, let charges, _, _): return call.outcome(outcome, charges)
            case .repeated(let charges, _, _): return call.repetition(charges)
            case .outdated: return .outdated
            case .overtaken, .healing: continue
            }
        }
        throw Unavailable("quota", reason: "too many draws of one subject at once")
    }

    package func settle(
        _ id: ReservationID, used: Settlement, by caller: Identifier
    ) async throws -> SettleOutcome {
        guard let reservation = try await sql.reservation(id), reservation.caller == caller else { return .unknown }
        let key = names.reservation(id, of: group(of: reservation))
        if case .commit(let amount) = used, reservation.state == .open, amount > reservation.amount,
            let refusal = try await widen(key, to: amount)
        {
            return refusal
        }
        let outcome = try await sql.settle(id, used: used, by: caller)
        switch outcome {
        case .settled(let ended): try await finish(key, ended)
        case .expired, .conflict: try await finish(key, try await sql.reservation(id) ?? reservation)
        case .noRoom: try await narrow(key, to: reservation.amount)
        case .unknown: break
        }
        return outcome
    }

    /// Gives back what nobody ended in time.
    ///
    /// - Returns: how many reservations.
    func expireReservations() async throws -> Int {
        var ended: [Reservation] = []
        let count = try await sql.expireReservations { ended.append($0) }
        for reservation in ended {
            try await finish(names.reservation(reservation.id, of: group(of: reservation)), reservation)
        }
        return count
    }

    private func group(of reservation: Reservation) -> QuotaGroup {
        let subject = keys.key(of: reservation.subject)
        switch reservation.subject {
        case .user, .tenant, .serviceAccount: return QuotaGroup(QuotaPlace(subject, nil))
        case .network, .device: return QuotaGroup(QuotaPlace(subject, reservation.service))
        }
    }

    // MARK: The key

    private func held(_ key: String) async throws -> [UInt8]? {
        try await asking { try await $0.send(RedisCommand("GET", .text(key))) }.bytes
    }

    /// Sets more aside.
    ///
    /// - Returns: that there is no room; nil if it was done.
    private func widen(_ key: String, to amount: Int) async throws -> SettleOutcome? {
        while let bytes = try await held(key), var holds = QuotaHolds(bytes), holds.amount < amount {
            let more = amount - holds.amount
            let changes = holds.changes {
                $0.reserved = more
                $0.isHard = !$0.hold.isSoft && $0.hold.limit != Limit.unlimited
            }
            holds.amount = amount
            switch try await settle(key, bytes, into: holds.bytes, changes, of: holds.group) {
            case .done: return nil
            case .changed: continue
            case .noRoom(let limit): return .noRoom(limit)
            }
        }
        return nil
    }

    private func narrow(_ key: String, to amount: Int) async throws {
        while let bytes = try await held(key), var holds = QuotaHolds(bytes), holds.amount > amount {
            let less = holds.amount - amount
            let changes = holds.changes { $0.reserved = -less }
            holds.amount = amount
            if try await settle(key, bytes, into: holds.bytes, changes, of: holds.group) == .done { return }
        }
    }

    /// Counts what was used, and gives the rest back, if that was not done before.
    private func finish(_ key: String, _ ended: Reservation) async throws {
        let used: Int
        switch ended.state {
        case .open: return
        case .committed(let amount): used = amount
        case .released, .expired: used = 0
        }
        while let bytes = try await held(key), let holds = QuotaHolds(bytes) {
            let changes = holds.changes {
                $0.reserved = -holds.amount
                $0.used = used
            }
            if try await settle(key, bytes, into: [], changes, of: holds.group) == .done { return }
        }
    }

    /// - Parameters:
    ///   - held: what the key must hold; nothing changes otherwise.
    ///   - next: what it holds then; empty for nothing.
    ///   - takesBack: what processes know from before counts no more.
    func settle(
        _ key: String, _ held: [UInt8], into next: [UInt8], _ changes: [QuotaChange], of group: QuotaGroup,
        takesBack: Bool = false
    ) async throws -> Settled {
        let places = Array(Set(changes.map { QuotaPlace($0.hold.id) }))
        let moment = moment()
        var writer = QuotaWriter()
        writer.long(moment.sent)
        writer.months(moment.now)
        writer.byte(takesBack ? 1 : 0)
        writer.byte(UInt8(changes.count))
        for change in changes {
            writer.byte(UInt8((places.firstIndex(of: QuotaPlace(change.hold.id)) ?? 0) + 2))
            writer.byte(UInt8(change.hold.id.unit.rawValue))
            writer.byte(change.isHard ? QuotaScripts.hard : 0)
            writer.seconds(change.hold.window.end)
            writer.amount(change.hold.limit)
            for amount in [-change.used, change.used, -change.reserved, change.reserved] { writer.amount(amount) }
        }
        let keys = [RedisCommand.Argument.text(key)] + places.map { names.counters($0, of: group) }
        let arguments: [RedisCommand.Argument] = [.bytes(held), .bytes(next), .bytes(writer.bytes)]
        guard
            let answer = try await asking({ try await $0.run(QuotaScripts.settle, keys: keys, arguments) }).bytes,
            let verdict = answer.first
        else { throw InternalFailure("the quota script answered what it never does") }
        if verdict != 2 { return verdict == 1 ? .done : .changed }
        var reader = QuotaReader(answer, after: 1)
        guard let index = reader.byte().map({ Int($0) }), changes.indices.contains(index), let used = reader.amount(),
            let reserved = reader.amount()
        else { throw InternalFailure("the quota script answered what it never does") }
        let hold = changes[index].hold
        return .noRoom(
            BindingLimit(policy: hold.policy, limit: hold.limit, used: used + reserved, window: hold.window))
    }
}
