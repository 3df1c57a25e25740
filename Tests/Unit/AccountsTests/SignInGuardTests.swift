import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Limits on guessing")
struct SignInGuardTests {
    private let scene = AccountsScene()

    private func guess(
        _ password: String = "wrong horse", at email: String = "ana@example.com", from network: UInt32 = 1,
        device: Identifier? = nil
    ) async throws -> SignInOutcome {
        let address = NetworkAddress(ipv4: 0xC633_6400 + network)
        return try await scene.signIn(
            SignInCommand(
                email: try #require(EmailAddress(email)), password: Secret(password),
                client: ClientInfo(address: address, userAgent: nil, knownDevice: device)))
    }

    @Test("after five failures each attempt waits: 1 s, doubling, up to 30 s; nothing is hashed meanwhile")
    func delays() async throws {
        try scene.add()
        let device = scene.identifiers.next()
        for _ in 1...5 { #expect(try await guess(device: device).isInvalidCredentials) }
        for seconds in [1, 2, 4, 8, 16, 30, 30] {
            let hashed = scene.hasher.calls.count
            #expect(try await guess(device: device).delay == .seconds(seconds))
            #expect(try await guess(AccountsScene.password, device: device).delay == .seconds(seconds))
            #expect(scene.hasher.calls.count == hashed)
            scene.clock.advance(by: .seconds(seconds))
            #expect(try await guess(device: device).isInvalidCredentials)
        }
    }

    @Test("ten failures lock unknown devices out for 15 minutes; the lock is told once")
    func locks() async throws {
        let user = try scene.add()
        try await lock()
        #expect(try await guess(AccountsScene.password, from: 99).delay == .seconds(900))
        #expect(scene.work.store.events(of: AccountLocked.self).map(\.userID) == [user.id])
        #expect(scene.work.store.events(of: UserLoginFailed.self).count == 1)
        #expect(scene.work.store.auditLines.last == "done account.locked")
        scene.clock.advance(by: .milliseconds(899_999))
        #expect(try await guess(AccountsScene.password, from: 99).delay == .milliseconds(1))
        scene.clock.advance(by: .milliseconds(1))
        #expect(try await guess(AccountsScene.password, from: 99).signedIn != nil)
    }

    @Test("the owner's known device gets in while a flood from elsewhere has locked the account and its network")
    func knownDevice() async throws {
        try scene.add()
        try await lock()
        for number in 1...100 { _ = try await guess(at: "u\(number)@example.com", from: 1) }
        #expect(try await guess(at: "u999@example.com", from: 1).delay != nil)
        let device = scene.identifiers.next()
        #expect(try await guess(AccountsScene.password, from: 1, device: device).signedIn != nil)
    }

    @Test("guesses on a known device do not lock others out, and are never locked, only slowed down")
    func knownDeviceGuesses() async throws {
        try scene.add()
        let device = scene.identifiers.next()
        for number in 1...40 {
            let outcome = try await guess(from: UInt32(number), device: device)
            #expect(outcome.isInvalidCredentials)
            scene.clock.advance(by: .seconds(30))
        }
        #expect(scene.work.store.events(of: AccountLocked.self).isEmpty)
        #expect(try await guess(AccountsScene.password, from: 99).signedIn != nil)
    }

    @Test("a network with a hundred failures in an hour is locked for an hour, whatever it tries")
    func network() async throws {
        try scene.add()
        for number in 1...100 {
            #expect(try await guess(at: "u\(number)@example.com").isInvalidCredentials)
        }
        #expect(try await guess(AccountsScene.password).delay == .seconds(3_600))
        #expect(try await guess(AccountsScene.password, from: 2).signedIn != nil)
        scene.clock.advance(by: .seconds(3_600))
        #expect(try await guess(AccountsScene.password).signedIn != nil)
    }

    @Test("addresses that nobody has are counted as those that somebody has, and told to nobody")
    func unknownAddress() async throws {
        for _ in 1...5 { #expect(try await guess(at: "nobody@example.com").isInvalidCredentials) }
        #expect(try await guess(at: "NOBODY@example.com").delay == .seconds(1))
        #expect(scene.work.store.events.isEmpty)
    }

    @Test("a sign-in forgives the failures before it")
    func forgives() async throws {
        try scene.add()
        for _ in 1...4 { _ = try await guess() }
        #expect(try await guess(AccountsScene.password).signedIn != nil)
        for _ in 1...4 { #expect(try await guess().isInvalidCredentials) }
        #expect(try await guess(AccountsScene.password).signedIn != nil)
    }

    @Test("the right password of an account that may not sign in forgives nothing")
    func obstructed() async throws {
        try scene.add { $0.isActive = false }
        for _ in 1...4 { _ = try await guess() }
        #expect(try await guess(AccountsScene.password).obstacle == .inactive)
        #expect(try await guess().isInvalidCredentials)
        #expect(try await guess().delay == .seconds(1))
    }

    @Test("failures are forgotten with their window, and a new window tells of its first one")
    func window() async throws {
        try scene.add()
        for _ in 1...9 {
            _ = try await guess()
            scene.clock.advance(by: .seconds(30))
        }
        scene.clock.advance(by: .seconds(900))
        for _ in 1...5 { #expect(try await guess().isInvalidCredentials) }
        #expect(scene.work.store.events(of: UserLoginFailed.self).count == 2)
        #expect(scene.work.store.events(of: AccountLocked.self).isEmpty)
    }

    @Test("of guesses that are made at once no more are compared than of as many in turn")
    func atOnce() async throws {
        try scene.add()
        let outcomes = try await guesses(60)
        #expect(outcomes.count { $0.isInvalidCredentials } == 5)
        #expect(outcomes.count { $0.delay == .seconds(1) } == 55)
        #expect(scene.hasher.calls.count == 5)
        #expect(scene.work.store.signInFailures["account:ana@example.com"]?.count == 5)
        #expect(scene.work.store.events(of: UserLoginFailed.self).count == 1)
    }

    @Test("while others guess, the owner gets in on a known device, and the guesses stay counted")
    func ownerMeanwhile() async throws {
        try scene.add()
        let device = scene.identifiers.next()
        let scene = scene
        try await guesses(5) { () async throws in
            #expect(scene.work.store.signInFailures["account:ana@example.com"]?.pending == 5)
            #expect(try await guess(AccountsScene.password, device: device).signedIn != nil)
        }
        #expect(scene.work.store.signInFailures["account:ana@example.com"]?.count == 5)
    }

    @Test("an attempt that was right, or that nothing was compared for, leaves the counts as they were")
    func takenBack() async throws {
        try scene.add { $0.isActive = false }
        #expect(try await guess(AccountsScene.password).obstacle == .inactive)
        #expect(scene.work.store.signInFailures.isEmpty)
        for _ in 1...4 { _ = try await guess() }
        let before = scene.work.store.signInFailures
        scene.clock.advance(by: .seconds(60))
        #expect(try await guess(AccountsScene.password).obstacle == .inactive)
        #expect(scene.work.store.signInFailures == before)
        scene.hasher.meanwhile { throw Unavailable("password_hashing", reason: "the queue is full") }
        await #expect(throws: Unavailable.self) { try await guess() }
        #expect(scene.work.store.signInFailures == before)
    }

    @Test("a crash while the hash is computed costs one failure, until the window ends or a sign-in forgives it")
    func crash() async throws {
        try scene.add()
        let scene = scene
        let crash: @Sendable () async throws -> Void = {
            // Nothing that follows reaches the store.
            scene.work.beforeNextWrite { throw CancellationError() }
            throw CancellationError()
        }
        for _ in 1...4 { _ = try await guess() }
        scene.hasher.meanwhile(crash)
        await #expect(throws: CancellationError.self) { try await guess(AccountsScene.password) }
        #expect(try await guess(AccountsScene.password).delay == .seconds(1))
        scene.clock.advance(by: .seconds(1))
        #expect(try await guess(AccountsScene.password).signedIn != nil)
        #expect(scene.work.store.signInFailures["account:ana@example.com"] == nil)
    }

    /// Guesses each of which begins while the ones before it are compared.
    ///
    /// - Parameter inTheMidst: runs when all have begun that may.
    @discardableResult
    private func guesses(
        _ count: Int, inTheMidst: @escaping @Sendable () async throws -> Void = {}
    ) async throws -> [SignInOutcome] {
        let outcomes = Recorder<SignInOutcome>()
        @Sendable func next(_ left: Int) async throws {
            guard left > 0 else { return try await inTheMidst() }
            let begun = scene.hasher.calls.count
            scene.hasher.meanwhile { try await next(left - 1) }
            outcomes.add(try await guess())
            // One that was refused has no meanwhile.
            guard scene.hasher.calls.count == begun else { return }
            scene.hasher.meanwhile {}
            try await next(left - 1)
        }
        try await next(count)
        return outcomes.all
    }

    /// Ten failures from ten networks, as fast as the delays allow.
    private func lock() async throws {
        for number in 1...10 {
            #expect(try await guess(from: UInt32(number)).isInvalidCredentials)
            if number < 10 { scene.clock.advance(by: .seconds(30)) }
        }
    }
}
