import AccountsContract
import AccountsDomain
import Shared
import TestSupport
import Testing

@Suite("Counting failures")
struct SignInFailuresTests {
    private let start = Timestamp(seconds: 1_790_000_000)

    private func failures(_ count: Int, by policy: SignInFailures.Policy) -> SignInFailures {
        var failures = SignInFailures(key: "k", windowStart: start, count: 0, lastFailure: start)
        for _ in 0..<count { fail(&failures, by: policy, at: start) }
        return failures
    }

    @discardableResult
    private func fail(_ failures: inout SignInFailures, by policy: SignInFailures.Policy, at now: Timestamp) -> Bool {
        failures.fail(from: failures.begin(by: policy, at: now), by: policy, at: now)
    }

    @Test(
        "the delay of an account by its failures",
        arguments: [(0, nil), (4, nil), (5, 1), (6, 2), (7, 4), (8, 8), (9, 16), (10, 900)] as [(Int, Int?)])
    func account(_ count: Int, _ seconds: Int?) {
        #expect(failures(count, by: .account).delay(by: .account, at: start) == seconds.map { .seconds($0) })
    }

    @Test("a known device waits 30 s at the most, however often it failed", arguments: [10, 63, 64, 1_000_000])
    func knownDevice(_ count: Int) {
        var failures = failures(1, by: .knownDevice)
        failures.count = count
        #expect(failures.delay(by: .knownDevice, at: start) == .seconds(30))
        #expect(failures.delay(by: .knownDevice, at: start + .seconds(30)) == nil)
    }

    @Test("a network is locked at its hundredth failure, not before")
    func network() {
        #expect(failures(99, by: .network).delay(by: .network, at: start) == nil)
        #expect(failures(100, by: .network).delay(by: .network, at: start) == .seconds(3_600))
    }

    @Test("a failure locks once; while it is locked, further ones lock no longer")
    func locksOnce() {
        var failures = failures(9, by: .account)
        let locked = [start, start + .seconds(60)].map { fail(&failures, by: .account, at: $0) }
        #expect(locked == [true, false])
        #expect(failures.lockedUntil == start + .seconds(900))
    }

    @Test("a new window begins with its first failure")
    func window() {
        var failures = failures(4, by: .account)
        let isLocked = fail(&failures, by: .account, at: start + .seconds(900))
        #expect(!isLocked)
        #expect(failures.count == 1)
        #expect(failures.windowStart == start + .seconds(900))
    }

    @Test("an attempt counts as failed from its beginning; taken back, all is as before")
    func takenBack() {
        let before = failures(4, by: .account)
        var failures = before
        let window = failures.begin(by: .account, at: start + .seconds(10))
        #expect(failures.delay(by: .account, at: start + .seconds(10)) == .seconds(1))
        failures.takeBack(from: window)
        #expect(failures == before)
        failures.takeBack(from: window)
        #expect(failures == before)
    }

    @Test("as many pending attempts as would lock keep others out until it is known, without a lock")
    func pendingLock() {
        var failures = failures(0, by: .network)
        let windows = (1...100).map { _ in failures.begin(by: .network, at: start) }
        #expect(failures.delay(by: .network, at: start + .seconds(60)) == .seconds(1))
        #expect(failures.lockedUntil == nil)
        failures.takeBack(from: windows[0])
        #expect(failures.delay(by: .network, at: start) == nil)
        let locked = windows[1...].map { failures.fail(from: $0, by: .network, at: start) }
        #expect(!locked.contains(true) && failures.count == 99 && failures.pending == 0)
    }

    @Test("what a clock that was ahead has counted and locked does not hold when it is right again")
    func ahead() {
        let ahead = start + .seconds(14 * 3_600)
        var failures = SignInFailures(key: "k", windowStart: ahead, count: 0, lastFailure: ahead)
        for _ in 1...10 { fail(&failures, by: .account, at: ahead) }
        #expect(failures.delay(by: .account, at: ahead) == .seconds(900))
        #expect(failures.delay(by: .account, at: start) == nil)
        let isLocked = fail(&failures, by: .account, at: start)
        #expect(!isLocked)
        #expect(failures.count == 1 && failures.lockedUntil == nil)
        // It went ahead within a window.
        var mixed = self.failures(5, by: .account)
        mixed.lastFailure = ahead
        #expect(mixed.delay(by: .account, at: start + .seconds(60)) == nil)
        #expect(MailAllowance.allows(after: [ahead], at: start))
    }

    @Test("an attempt that ends in a later window takes nothing back there, and counts there if it failed")
    func endsInAnotherWindow() {
        var failures = failures(4, by: .account)
        let (right, wrong) = (failures.begin(by: .account, at: start), failures.begin(by: .account, at: start))
        let later = start + .seconds(900)
        _ = failures.begin(by: .account, at: later)
        failures.takeBack(from: right)
        #expect(failures.pending == 1 && failures.count == 0)
        let isLocked = failures.fail(from: wrong, by: .account, at: later)
        #expect(!isLocked)
        #expect(failures.pending == 1 && failures.count == 1)
    }

    @Test(
        "a mail goes if the last one is 60 s old and fewer than five went in the hour",
        arguments: [
            ([], true), ([60], true), ([59], false), ([60, 120, 180, 240], true), ([60, 120, 180, 240, 300], false),
            ([3_000, 59], false),
        ] as [([Int], Bool)])
    func mailAllowance(_ ages: [Int], _ isAllowed: Bool) {
        let sent = ages.map { start - .seconds($0) }
        #expect(MailAllowance.allows(after: sent, at: start) == isAllowed)
    }

    @Test("a code is open until it is used, has been guessed at five times or is ten minutes old")
    func code() throws {
        var code = SignInCode(
            id: SignInCodeID(SequentialIdentifiers.identifier(1)), userID: UserID(SequentialIdentifiers.identifier(2)),
            address: try #require(EmailAddress("ana@example.com")), createdAt: start,
            expiresAt: start + SignInCode.lifetime)
        #expect(code.isOpen(at: start + .seconds(600) - .milliseconds(1)))
        #expect(!code.isOpen(at: start + .seconds(600)))
        code.attempts = 4
        #expect(code.isOpen(at: start))
        code.attempts = 5
        #expect(!code.isOpen(at: start))
        code.attempts = 0
        code.countGuess(by: .owner)
        #expect(code.attempts == 0 && code.ownerAttempts == 1)
        code.usedAt = start
        #expect(!code.isOpen(at: start))
    }
}
