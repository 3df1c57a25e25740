import Shared
import Testing

@testable import Messaging

@Suite("Retries")
struct RetryPolicyTests {
    @Test("delays double up to the longest; jitter takes at most half")
    func delays() {
        let full = RetryPolicy(attemptsMax: 9, first: .seconds(1), longest: .seconds(10), jitter: { 1 })
        #expect((1...6).map { full.delay(afterAttempt: $0) } == [1, 2, 4, 8, 10, 10].map { .seconds($0) })
        let half = RetryPolicy(attemptsMax: 9, first: .seconds(1), longest: .seconds(10), jitter: { 0 })
        #expect(half.delay(afterAttempt: 3) == .seconds(2))
    }

    @Test("no attempt count is too large", arguments: [1, 64, 1_000, Int.max])
    func extremes(_ attempt: Int) {
        let policy = RetryPolicy(attemptsMax: 9, first: .seconds(1), longest: .seconds(300))
        #expect(policy.delay(afterAttempt: attempt) > .zero)
        #expect(policy.delay(afterAttempt: attempt) <= .seconds(300))
    }
}
