import AccessDomain
import Shared
import TestSupport
import Testing

@Suite("Drawing from counters")
struct ChargeTests {
    private let now = Timestamp(seconds: 1_790_000_000)

    private func charge(
        limit: Int = Limit.unlimited, used: Int = 0, reserved: Int = 0, amount: Int = 1, unit: WindowUnit = .day,
        isSoft: Bool = false, isBurst: Bool = false
    ) -> Charge {
        Charge(
            counter: Counter(window: unit.window(at: now), used: used, reserved: reserved), limit: limit,
            amount: amount, isSoft: isSoft, isBurst: isBurst)
    }

    private func take(_ charges: inout [Charge]) -> ChargeOutcome {
        var span = charges.mutableSpan
        return Charges.take(&span)
    }

    private func reserve(_ charges: inout [Charge]) -> ChargeOutcome {
        var span = charges.mutableSpan
        return Charges.reserve(&span)
    }

    private func settle(_ charges: inout [Charge], used: Int) -> ChargeOutcome {
        var span = charges.mutableSpan
        return Charges.settle(&span, used: used)
    }

    @Test("exactly the limit is allowed, never more; a refused request is not counted")
    func exact() {
        var charges = [charge(limit: 50), charge()]
        var allowed = 0
        for _ in 0..<120 where take(&charges).isAllowed { allowed += 1 }
        #expect(allowed == 50)
        #expect(charges.map(\.counter.used) == [50, 50])
    }

    @Test("all counters give or none does")
    func allOrNothing() {
        var charges = [charge(limit: 10, amount: 3), charge(limit: 5, used: 3, amount: 3), charge(amount: 3)]
        let outcome = take(&charges)
        #expect(!outcome.isAllowed)
        #expect(outcome.binding == 1)
        #expect(charges.map(\.counter.used) == [0, 3, 0])
    }

    @Test("what is free passes even beyond the limit, and a limit of nothing lets nothing else pass")
    func free() {
        var over = [charge(limit: 5, used: 9, amount: 0)]
        #expect(take(&over).isAllowed)
        #expect(over[0].counter.used == 9)
        var nothing = [charge(limit: 0)]
        #expect(!take(&nothing).isAllowed)
    }

    @Test("of several that refuse, the one that lasts longest is told; a burst only if it alone refuses")
    func refusingBinding() {
        var both = [charge(limit: 5, used: 5, unit: .second, isBurst: true), charge(limit: 5, used: 5)]
        #expect(take(&both).binding == 1)
        var burst = [charge(limit: 5, used: 5, unit: .second, isBurst: true), charge(limit: 5, used: 4)]
        #expect(take(&burst).binding == 0)
        #expect(burst[0].news == nil)
    }

    @Test("of those that allow, the one with the least left is told, bursts and unlimited ones aside")
    func allowingBinding() {
        var charges = [
            charge(), charge(limit: 20, isBurst: true), charge(limit: 50, used: 10),
            charge(limit: 900, used: 880, unit: .month),
        ]
        let outcome = take(&charges)
        #expect(outcome == ChargeOutcome(isAllowed: true, binding: 3, exceedsSoftLimit: false))
        #expect(charges[3].remaining == 19)
        var even = [charge(limit: 5), charge(limit: 5, unit: .month)]
        #expect(take(&even).binding == 1)
        var unlimited = [charge(), charge()]
        #expect(take(&unlimited).binding == nil)
    }

    @Test("a soft limit allows and says so")
    func soft() {
        var charges = [charge(limit: 2, isSoft: true)]
        #expect((0..<4).map { _ in take(&charges).exceedsSoftLimit } == [false, false, true, true])
        #expect(charges[0].counter.used == 4)
        #expect(charges[0].remaining == 0)
    }

    @Test("80 % and the end are told once in a window")
    func news() {
        var charges = [charge(limit: 50)]
        var told: [Int: QuotaNews] = [:]
        for request in 1...60 {
            _ = take(&charges)
            if let news = charges[0].news { told[request] = news }
        }
        #expect(told == [40: .thresholdReached, 50: .exhausted])
    }

    @Test("where 80 % is the end too, only the end is told; a refusal that comes before the end tells it")
    func newsAtOnce() {
        var one = [charge(limit: 1)]
        _ = take(&one)
        #expect(one[0].news == .exhausted)
        _ = take(&one)
        #expect(one[0].news == nil)
        var dear = [charge(limit: 10, used: 7, amount: 5)]
        #expect(!take(&dear).isAllowed)
        #expect(dear[0].news == .exhausted)
        #expect(dear[0].counter.used == 7)
    }

    @Test("a larger amount by another plan is told of again, a smaller one is not")
    func newsAfterPlanChange() {
        var small = [charge(limit: 5, used: 4)]
        _ = take(&small)
        #expect(small[0].news == .exhausted)
        var large = [Charge(counter: small[0].counter, limit: 10, amount: 3)]
        _ = take(&large)
        #expect(large[0].news == .thresholdReached)
        var back = [Charge(counter: large[0].counter, limit: 5, amount: 1)]
        #expect(!take(&back).isAllowed)
        #expect(back[0].news == nil)
    }

    @Test("a change of plan keeps the count, and the new amount applies at once")
    func planChange() {
        var charges = [charge(limit: 50, used: 50)]
        #expect(!take(&charges).isAllowed)
        var upgraded = [Charge(counter: charges[0].counter, limit: 1_000, amount: 1)]
        #expect(take(&upgraded).isAllowed)
        #expect(upgraded[0].remaining == 949)
    }

    @Test("a reserved amount is not there for others; commit counts what was used and gives back the rest")
    func reservation() {
        var charges = [charge(limit: 10, amount: 6)]
        #expect(reserve(&charges).isAllowed)
        #expect(!reserve(&charges).isAllowed)
        #expect(charges[0].counter.reserved == 6)
        #expect(settle(&charges, used: 2).isAllowed)
        #expect(charges[0].counter.used == 2)
        #expect(charges[0].counter.reserved == 0)
    }

    @Test("a reservation is one request to a burst limit, and nothing of it is to be settled")
    func reservationAndBurst() {
        var charges = [charge(limit: 10, amount: 6), charge(limit: 2, unit: .second, isBurst: true)]
        #expect(reserve(&charges).isAllowed)
        #expect(charges.map(\.counter.reserved) == [6, 0])
        #expect(charges.map(\.counter.used) == [0, 1])
    }

    @Test("a commit above the reserve needs room; without it nothing changes")
    func commitAbove() {
        var charges = [charge(limit: 10, used: 3, amount: 5), charge(amount: 5)]
        #expect(reserve(&charges).isAllowed)
        let before = charges.map(\.counter.taken)
        #expect(!settle(&charges, used: 8).isAllowed)
        #expect(charges.map(\.counter.taken) == before)
        #expect(charges[0].counter.reserved == 5)
        #expect(settle(&charges, used: 7).isAllowed)
        #expect(charges.map(\.counter.used) == [10, 7])
        #expect(charges.map(\.counter.reserved) == [0, 0])
    }

    @Test("a commit within the reserve passes even if the plan has become smaller meanwhile")
    func commitAfterDowngrade() {
        var charges = [charge(limit: 10, amount: 8)]
        #expect(reserve(&charges).isAllowed)
        var smaller = [Charge(counter: charges[0].counter, limit: 5, amount: 8)]
        #expect(settle(&smaller, used: 8).isAllowed)
        #expect(smaller[0].counter.used == 8)
        #expect(smaller[0].remaining == 0)
    }

    @Test("a rule's amount is multiplied for a share, a burst costs one")
    func rules() {
        let counter = Counter(window: WindowUnit.day.window(at: now))
        let rule = ChargeRule(meter: .service, unit: .day, limit: 2)
        #expect(Charge(counter: counter, rule: rule, cost: 5, factor: 8).limit == 16)
        #expect(Charge(counter: counter, rule: rule, cost: 5).amount == 5)
        let burst = ChargeRule(meter: .burst, unit: .second, limit: 2)
        #expect(Charge(counter: counter, rule: burst, cost: 5).amount == 1)
        let unlimited = ChargeRule(meter: .global, unit: .day)
        #expect(!Charge(counter: counter, rule: unlimited, cost: 1, factor: 8).isLimited)
    }

    /// What the counters should be, as the specification words it.
    private struct Model {
        var used = 0
        var held: [Int] = []
        var taken: Int { used + held.reduce(0, +) }
    }

    @Test("over random draws, reservations and settlements it agrees with a simple model", arguments: 1...20)
    func againstModel(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let limits = (0..<3).map { _ in Bool.random(using: &generator) ? Int.random(in: 0...40, using: &generator) : nil
        }
        var counters = limits.map { _ in Counter(window: WindowUnit.day.window(at: now)) }
        var models = limits.map { _ in Model() }
        func charges(_ amount: Int) -> [Charge] {
            counters.indices.map { Charge(counter: counters[$0], limit: limits[$0] ?? Limit.unlimited, amount: amount) }
        }
        func fits(_ amount: Int) -> Bool {
            amount <= 0 || limits.indices.allSatisfy { models[$0].taken + amount <= limits[$0] ?? Int.max }
        }
        for step in 0..<400 {
            let amount = Int.random(in: 0...4, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                var drawn = charges(amount)
                let expected = fits(amount)
                #expect(take(&drawn).isAllowed == expected, "step \(step)")
                counters = drawn.map(\.counter)
                if expected { for index in models.indices { models[index].used += amount } }
            case 2:
                var drawn = charges(amount)
                let expected = fits(amount)
                #expect(reserve(&drawn).isAllowed == expected, "step \(step)")
                counters = drawn.map(\.counter)
                if expected { for index in models.indices { models[index].held.append(amount) } }
            default:
                guard let held = models[0].held.last else { continue }
                let used = Int.random(in: 0...(held + 2), using: &generator)
                var drawn = charges(held)
                let expected = fits(used - held)
                #expect(settle(&drawn, used: used).isAllowed == expected, "step \(step)")
                counters = drawn.map(\.counter)
                guard expected else { continue }
                for index in models.indices {
                    models[index].held.removeLast()
                    models[index].used += used
                }
            }
            #expect(counters.map(\.used) == models.map(\.used), "step \(step)")
            #expect(counters.map(\.taken) == models.map(\.taken), "step \(step)")
            for index in limits.indices { #expect(counters[index].taken <= limits[index] ?? Int.max) }
        }
    }
}

@Suite("Counters and their windows")
struct CounterTests {
    private let now = Timestamp(seconds: 1_790_000_000)

    @Test("a window that a clock which was ahead has opened gives way to that of now, and no wait is longer than one")
    func ahead() {
        let ahead = WindowUnit.day.window(at: now + .seconds(14 * 3_600))
        var counter = Counter(window: ahead, used: 50)
        #expect(ahead.secondsLeft(at: now) == 86_400)
        let closed = counter.roll(.day, at: now)
        #expect(closed == nil)
        #expect(counter == Counter(window: WindowUnit.day.window(at: now)))
        // A clock that is a little behind another process's goes on with what that one has opened.
        counter = Counter(window: ahead, used: 50)
        _ = counter.roll(.day, at: ahead.start - .seconds(10))
        #expect(counter.used == 50)
    }

    @Test("a window that is over gives way to the next; a clock that goes back a little opens none")
    func rolling() {
        var counter = Counter(window: WindowUnit.day.window(at: now), used: 7)
        let first = counter.window
        let before = [
            counter.roll(.day, at: first.start - .seconds(10)), counter.roll(.day, at: first.end - .milliseconds(1)),
        ]
        #expect(before == [nil, nil])
        #expect(counter.used == 7)
        let closed = counter.roll(.day, at: first.end)
        #expect(closed == nil)
        #expect(counter == Counter(window: TimeWindow(start: first.end, end: first.end + .seconds(86_400))))
    }

    @Test("a reservation under way is settled in the window in which it was made")
    func closing() {
        var counter = Counter(window: WindowUnit.day.window(at: now), used: 2, reserved: 5)
        let first = counter.window
        let closed = counter.roll(.day, at: first.end + .seconds(5))
        #expect(closed == Counter(window: first, used: 2, reserved: 5))
        #expect(counter.taken == 0)
        var charges = closed.map { [Charge(counter: $0, limit: 10, amount: 5)] } ?? []
        var span = charges.mutableSpan
        #expect(Charges.settle(&span, used: 0).isAllowed)
        #expect(charges.map(\.counter) == [Counter(window: first, used: 2)])
    }

    @Test("the bounds that a window got when it opened stay, whatever the offset is later")
    func fixedBounds() {
        var counter = Counter(window: WindowUnit.day.window(at: now, offset: 3_600), used: 1)
        let window = counter.window
        _ = counter.roll(.day, at: window.end - .milliseconds(1), offset: -7_200)
        #expect(counter.window == window)
    }

    @Test("counts are given back and merged, never below nothing")
    func corrections() {
        var counter = Counter(window: WindowUnit.day.window(at: now), used: 3)
        counter.giveBack(1)
        #expect(counter.used == 2)
        counter.giveBack(9)
        #expect(counter.used == 0)
        counter.merge(used: 4)
        counter.merge(used: -2)
        #expect(counter.used == 4)
        #expect(counter.remaining(of: 3) == 0)
        #expect(counter.remaining(of: 6) == 2)
    }
}
