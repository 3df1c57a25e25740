import Cache
import Shared
import TestSupport
import Testing

@Suite("Rate limits in memory")
struct RateLimitTests {
    private let clock = ManualClock()
    private let rule = RateLimitRule(quota: 3, window: .seconds(60))

    @Test("a window begins with the first attempt and lets the quota pass")
    func window() {
        let store = InMemoryRateLimitStore(clock: clock)
        for remaining in [2, 1, 0] {
            let state = store.hit("a", rule: rule)
            #expect(state.isAllowed)
            #expect(state.remaining == remaining)
            #expect(state.resetsIn == .seconds(60))
        }
        clock.advance(by: .milliseconds(59_999))
        let refused = store.hit("a", rule: rule)
        #expect(!refused.isAllowed)
        #expect(refused.remaining == 0)
        #expect(refused.resetsIn == .milliseconds(1))
        clock.advance(by: .milliseconds(1))
        #expect(store.hit("a", rule: rule).remaining == 2)
    }

    @Test("refused attempts do not count: they neither lengthen the window nor use up the next one")
    func refusedDoNotCount() {
        let store = InMemoryRateLimitStore(clock: clock)
        for _ in 0..<100 { _ = store.hit("a", rule: rule) }
        #expect(store.hit("a", rule: rule).resetsIn == .seconds(60))
        // A larger quota in the same window shows how many were counted.
        #expect(store.hit("a", rule: RateLimitRule(quota: 10, window: .seconds(60))).remaining == 6)
    }

    @Test("each key counts by itself")
    func keys() {
        let store = InMemoryRateLimitStore(clock: clock)
        for _ in 0..<3 { _ = store.hit("a", rule: rule) }
        #expect(!store.hit("a", rule: rule).isAllowed)
        #expect(store.hit("b", rule: rule).remaining == 2)
    }

    @Test("a flood of new keys frees none that has reached its limit")
    func floodKeepsLimits() {
        let store = InMemoryRateLimitStore(clock: clock, keysMax: 100)
        for _ in 0..<3 { _ = store.hit("attacked", rule: rule) }
        for number in 0..<10_000 {
            _ = store.hit("flood \(number)", rule: rule)
            #expect(!store.hit("attacked", rule: rule).isAllowed)
        }
    }

    @Test("when there is no room, what has ended goes before what counts")
    func endedGoesFirst() {
        let store = InMemoryRateLimitStore(clock: clock, keysMax: 100)
        for number in 0..<90 {
            for _ in 0..<3 { _ = store.hit("old \(number)", rule: rule) }
        }
        clock.advance(by: .seconds(60))
        for number in 0..<10 { _ = store.hit("new \(number)", rule: rule) }
        _ = store.hit("one more", rule: rule)
        for number in 0..<10 { #expect(store.hit("new \(number)", rule: rule).remaining == 1) }
    }

    @Test("a time of day that is put back or forward changes no limit")
    func correctedClock() {
        let store = InMemoryRateLimitStore(clock: clock)
        let rule = RateLimitRule(quota: 1, window: .seconds(60))
        let now = clock.now
        #expect(store.hit("a", rule: rule).isAllowed)
        for offset in [-3_600, 3_600] {
            clock.set(to: now + .seconds(offset))
            #expect(store.hit("a", rule: rule).resetsIn == .seconds(60))
        }
        clock.set(to: now - .seconds(3_600))
        clock.advance(by: .seconds(60))
        #expect(store.hit("a", rule: rule).isAllowed)
    }

    @Test("hits in parallel never exceed the quota, and use all of it")
    func parallel() async {
        let store = InMemoryRateLimitStore(clock: clock)
        let rule = RateLimitRule(quota: 50, window: .seconds(60))
        let allowed = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<50).filter { _ in store.hit("a", rule: rule).isAllowed }.count }
            }
            var sum = 0
            for await count in group { sum += count }
            return sum
        }
        #expect(allowed == 50)
    }

    @Test(
        "a rule is a count and a window",
        arguments: [("5/1m", 5, 60), ("1/1s", 1, 1), ("1000000/24h", 1_000_000, 86_400)])
    func rules(_ text: String, _ quota: Int, _ seconds: Int) {
        #expect(RateLimitRule(text: text) == RateLimitRule(quota: quota, window: .seconds(seconds)))
    }

    @Test(
        "anything else is no rule",
        arguments: [
            "", "5", "/1m", "5/", "0/1m", "-1/1m", "+5/1m", "1000001/1m", "5/25h", "5/1m/1", "5 / 1m", "5/0s", "off",
        ])
    func notRules(_ text: String) {
        #expect(RateLimitRule(text: text) == nil)
    }
}
