import Testing

@testable import AccountsInfrastructure

@Suite("The time of an answer")
struct EvenTimingTests {
    @Test(
        "is one of few, whatever the work took",
        arguments: [
            (Duration.microseconds(1), Duration.milliseconds(50)), (.microseconds(570), .milliseconds(50)),
            (.microseconds(1_100), .milliseconds(50)), (.milliseconds(50), .milliseconds(50)),
            (.microseconds(50_001), .milliseconds(100)), (.milliseconds(730), .milliseconds(750)), (.zero, .zero),
        ])
    func moments(_ elapsed: Duration, _ answer: Duration) {
        #expect(EvenTiming.rest(after: elapsed) == answer)
    }

    @Test("is not before the work is done, and what it throws is thrown")
    func work() async throws {
        let start = ContinuousClock.now
        #expect(try await EvenTiming.run { 7 } == 7)
        #expect(ContinuousClock.now - start >= EvenTiming.step)
        await #expect(throws: CancellationError.self) { try await EvenTiming.run { throw CancellationError() } }
    }
}
