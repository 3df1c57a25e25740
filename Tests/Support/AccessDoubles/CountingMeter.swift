import AccessApplication
import AccessContract
import AccessDomain
import Shared
import Synchronization

/// A meter that counts, and forgets everything at its end.
package final class CountingMeter: Meter {
    struct Key: Hashable {
        let subject: MeterSubject
        let service: ServiceID?
        let unit: WindowUnit
        var isBurst = false
    }

    /// A reservation, with the counter and the charge of each of its parts.
    struct Held {
        var reservation: Reservation
        let parts: [(key: Key, charge: Charge, policy: String)]
    }

    struct State {
        /// The newest window is the last.
        var counters: [Key: [Counter]] = [:]
        var held: [ReservationID: Held] = [:]
        var merges: Set<DeviceMerge> = []
    }

    let state = Mutex(State())
    let clock: any WallClock

    package init(clock: any WallClock) {
        self.clock = clock
    }

    package func take(_ draw: Draw) async throws -> DrawOutcome { count(draw) }

    package var canRecallTake: Bool { true }

    package func recallTake(_ draw: Draw) -> DrawOutcome? { CacheLevel.current >= .counters ? count(draw) : nil }

    private func count(_ draw: Draw) -> DrawOutcome {
        let now = clock.now
        return state.withLock { $0.draw(draw, at: now) { Charges.take(&$0) }.outcome }
    }

    package func peek(_ draw: Draw) async throws -> DrawOutcome {
        let now = clock.now
        return state.withLock { state in
            var copy = state
            let outcome = copy.draw(draw, at: now) { Charges.take(&$0) }.outcome
            return DrawOutcome(
                isAllowed: outcome.isAllowed, binding: outcome.binding, isBurst: outcome.isBurst,
                exceedsSoftLimit: outcome.exceedsSoftLimit)
        }
    }

    package func usage(of subject: MeterSubject) async throws -> [MeteredUse] {
        let now = clock.now
        let units = WindowUnit.allCases
        return state.withLock { state in
            let uses = state.counters.compactMap { key, counters -> MeteredUse? in
                guard key.subject == subject, !key.isBurst, let counter = counters.last,
                    !counter.window.isOver(at: now), counter.taken > 0
                else { return nil }
                return MeteredUse(
                    service: key.service, unit: key.unit, window: counter.window, used: counter.used,
                    reserved: counter.reserved)
            }
            return uses.sorted { left, right in
                if left.service == right.service {
                    return (units.firstIndex(of: left.unit) ?? 0) < (units.firstIndex(of: right.unit) ?? 0)
                }
                guard let one = left.service, let other = right.service else { return left.service == nil }
                return one < other
            }
        }
    }

    package func reset(_ subject: MeterSubject) async throws {
        state.withLock { state in
            for (key, counters) in state.counters where key.subject == subject {
                guard let last = counters.last else { continue }
                state.counters[key]?.removeLast()
                state.counters[key]?.append(Counter(window: last.window, reserved: last.reserved))
            }
        }
    }

    package func merge(_ merge: DeviceMerge) async throws {
        let now = clock.now
        state.withLock { state in
            let ofDevice = state.counters.compactMap { key, counters -> (service: ServiceID, counter: Counter)? in
                guard key.subject == .device(merge.device), key.unit == .day, !key.isBurst, let service = key.service,
                    let counter = counters.last
                else { return nil }
                return (service, counter)
            }
            let counts = merge.counts(of: ofDevice, isDone: state.merges.contains(merge))
            if counts.isEmpty { return }
            state.merges.insert(merge)
            for unit in [WindowUnit.day, .month] {
                for count in counts {
                    for service in [nil, count.service] {
                        let key = Key(subject: .user(merge.user), service: service, unit: unit)
                        state.withCounter(key, at: now) { $0.merge(used: count.used) }
                    }
                }
            }
        }
    }
}

extension CountingMeter.State {
    mutating func withCounter(_ key: CountingMeter.Key, at now: Timestamp, _ body: (inout Counter) -> Void) {
        var counter = current(key, at: now)
        body(&counter)
        save(counter, key)
    }

    func current(_ key: CountingMeter.Key, at now: Timestamp) -> Counter {
        if let last = counters[key]?.last, !last.window.isOver(at: now) { return last }
        return Counter(window: key.unit.window(at: now))
    }

    mutating func save(_ counter: Counter, _ key: CountingMeter.Key) {
        var known = counters[key] ?? []
        guard let index = known.firstIndex(where: { $0.window == counter.window }) else {
            counters[key] = known + [counter]
            return
        }
        known[index] = counter
        // A window that a clock was ahead for has come, and is the newest now.
        if let last = known.last, last.window.start < counter.window.start { known.append(known.remove(at: index)) }
        counters[key] = known
    }

    /// Draws by one of the functions of `Charges`.
    mutating func draw(
        _ draw: Draw, at now: Timestamp, _ decide: (inout MutableSpan<Charge>) -> ChargeOutcome
    ) -> (outcome: DrawOutcome, parts: [(key: CountingMeter.Key, charge: Charge, policy: String)]) {
        let drawn = draw.keys
        var charges = drawn.map {
            Charge(counter: current($0.key, at: now), rule: $0.rule, cost: draw.cost, factor: $0.factor)
        }
        var span = charges.mutableSpan
        let outcome = decide(&span)
        for (part, charge) in zip(drawn, charges) { save(charge.counter, part.key) }
        let limits = zip(drawn, charges).map { BindingLimit(policy: $0.rule.policy, charge: $1) }
        let news = charges.indices.compactMap { index in
            charges[index].news.map {
                DrawOutcome.News(kind: $0, limit: limits[index], isGlobal: drawn[index].rule.meter == .global)
            }
        }
        return (
            DrawOutcome(
                isAllowed: outcome.isAllowed, binding: outcome.binding.map { limits[$0] },
                isBurst: !outcome.isAllowed && (outcome.binding.map { charges[$0].isBurst } ?? false),
                exceedsSoftLimit: outcome.exceedsSoftLimit, news: news),
            zip(drawn, charges).map { ($0.key, $1, $0.rule.policy) }
        )
    }
}

extension Draw {
    fileprivate var keys: [(key: CountingMeter.Key, rule: ChargeRule, factor: Int)] {
        var shares: [(subject: MeterSubject, factor: Int)] = []
        switch drawer {
        case .known(let subject): shares = [(subject, 1)]
        case .anonymous(let caller, let perPrefix):
            shares = (0..<caller.shareCount).map {
                let share = caller.share($0, perPrefix: perPrefix)
                return (share.subject, share.factor)
            }
        }
        let quotas = shares.flatMap { share in
            rules.filter { $0.meter != .burst }.map { rule in
                let service = rule.meter == .global ? nil : service
                return (
                    CountingMeter.Key(subject: share.subject, service: service, unit: rule.unit), rule, share.factor
                )
            }
        }
        let bursts = rules.filter { $0.meter == .burst }.map { rule in
            (CountingMeter.Key(subject: burstSubject, service: service, unit: rule.unit, isBurst: true), rule, 1)
        }
        return quotas + bursts
    }
}
