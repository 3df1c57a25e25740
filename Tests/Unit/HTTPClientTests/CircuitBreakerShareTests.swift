import HTTPClient
import TestSupport
import Testing

@Suite("The circuit breaker and the latest requests")
struct CircuitBreakerShareTests {
    private let clock = ManualClock()

    private func breaker(_ share: CircuitBreaker.Share?) -> CircuitBreaker {
        CircuitBreaker(share: share, clock: clock)
    }

    private func isOpen(_ breaker: CircuitBreaker) -> Bool { (try? breaker.admit("a")) == nil }

    @Test("half of the latest twenty within the window open it, though no five came in a row")
    func share() {
        let breaker = breaker(.init(failures: 10, of: 20, within: .seconds(30)))
        for _ in 0..<9 {
            breaker.failed("a")
            breaker.succeeded("a")
        }
        breaker.succeeded("a")
        #expect(!isOpen(breaker))
        breaker.failed("a")
        #expect(isOpen(breaker))
        clock.advance(by: .seconds(30))
        #expect(!isOpen(breaker))
        #expect(isOpen(breaker))
        breaker.succeeded("a")
        breaker.failed("a")
        #expect(!isOpen(breaker))
    }

    @Test("what is longer ago does not count")
    func window() {
        let breaker = breaker(.init(failures: 10, of: 20, within: .seconds(30)))
        for _ in 0..<10 {
            breaker.failed("a")
            breaker.succeeded("a")
            clock.advance(by: .seconds(4))
        }
        breaker.failed("a")
        #expect(!isOpen(breaker))
    }

    @Test("five in a row open it with a share, too, and one success begins anew")
    func row() {
        let breaker = breaker(.init(failures: 10, of: 20, within: .seconds(30)))
        for _ in 0..<4 { breaker.failed("a") }
        breaker.succeeded("a")
        for _ in 0..<4 { breaker.failed("a") }
        #expect(!isOpen(breaker))
        breaker.failed("a")
        #expect(isOpen(breaker))
    }
}
