import Lifecycle
import Shared
import TestSupport
import Testing

@Suite("The log of failures that last")
struct FailureLogTests {
    private let clock = ManualClock()

    @Test("the same cause is logged once a minute, another one at once")
    func onceAMinute() {
        let failures = FailureLog(stopwatch: clock)
        #expect(failures.isDue("the disk is full"))
        clock.advance(by: .milliseconds(59_999))
        #expect(!failures.isDue("the disk is full"))
        clock.advance(by: .milliseconds(1))
        #expect(failures.isDue("the disk is full"))
        #expect(!failures.isDue("the disk is full"))
        #expect(failures.isDue("the database is away"))
        #expect(failures.isDue("the disk is full"))
    }
}
