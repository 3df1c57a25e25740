import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("An administrator resets somebody's second factors")
struct ResetFactorsTests {
    let scene = AccountsScene()

    private static let delay: Duration = .seconds(86_400)

    private func reset(
        _ id: UserID, by principal: Principal, strong: Set<UserID> = []
    ) async throws -> ResetFactorsOutcome {
        let service = ResetFactorsService(
            work: scene.work, cover: RuleOfCoverDouble(strong: strong), delay: Self.delay,
            stepUpMaxAge: AccountsScene.stepUpMaxAge, clock: scene.clock, identifiers: scene.identifiers)
        return try await service(ResetFactorsCommand(id: id, reason: "lost the phone", actor: principal))
    }

    private var follow: FollowFactorResetsService {
        FollowFactorResetsService(
            work: scene.work, signer: scene.signer, clock: scene.clock, identifiers: scene.identifiers)
    }

    /// Somebody who may manage users, in a session of this level.
    private func staff(_ level: AssuranceLevel = .aal2) async throws -> Principal {
        try scene.add("boss@example.com")
        let signedIn = try #require(try await scene.signIn("boss@example.com").signedIn)
        scene.work.arrange { store in
            store.sessions[signedIn.session.id]?.proof = SignInProof([.password], level: level, at: scene.clock.now)
        }
        return Principal(
            .session(signedIn.session.id.value), of: signedIn.account.user.id.value,
            permissions: PermissionSet([AccountsPermission.usersWrite.permission]), client: AccountsScene.client)
    }

    private func stopLinks() -> [String] {
        scene.work.store.validations.values.filter { $0.purpose == .mfaReset && $0.usedAt == nil }
            .sorted { $0.createdAt < $1.createdAt }.map(scene.signer.text)
    }

    @Test("nothing happens for a day; then the factors go, the sessions end, and the owner has heard of it three times")
    func lifeOfAReset() async throws {
        let user = try scene.add()
        let mine = try await scene.signedIn()
        scene.addFactor(of: user)
        let effectiveAt = scene.clock.now + Self.delay
        #expect(try await reset(user.id, by: try await staff()) == .waiting(effectiveAt: effectiveAt))
        try await follow()
        #expect(scene.work.store.totpFactors.count == 1)
        scene.clock.advance(by: Self.delay - .seconds(3_600))
        try await follow()
        try await follow()
        #expect(scene.work.store.eventTypes.count { $0 == "mfa.reset_requested" } == 2)
        scene.clock.advance(by: .seconds(3_600) - .milliseconds(1))
        try await follow()
        #expect(try await scene.signIn().demand != nil)
        scene.clock.advance(by: .milliseconds(1))
        try await follow()
        try await follow()
        #expect(scene.work.store.totpFactors.isEmpty && scene.work.store.mfaResets.isEmpty)
        #expect(scene.work.store.sessions[mine.session.id]?.revocationReason == .mfaReset)
        #expect(scene.work.store.eventTypes.count { $0 == "mfa.reset" } == 1)
        #expect(try await scene.signIn().signedIn != nil)
    }

    @Test("the owner stops it by either link, and both are used up by that")
    func stopped() async throws {
        let user = try scene.add()
        scene.addFactor(of: user)
        _ = try await reset(user.id, by: try await staff())
        scene.clock.advance(by: Self.delay - .seconds(60))
        try await follow()
        let links = stopLinks()
        #expect(links.count == 2)
        #expect(try await follow.stop(links[1], client: AccountsScene.client) == .stopped)
        #expect(try await follow.stop(links[0], client: AccountsScene.client) == .refused(.invalid))
        scene.clock.advance(by: Self.delay)
        try await follow()
        #expect(scene.work.store.totpFactors.count == 1)
        #expect(!scene.work.store.eventTypes.contains("mfa.reset"))
    }

    @Test("a change of the password does not take the link away by which it is stopped")
    func linkOutlivesPassword() async throws {
        let user = try scene.add()
        scene.addFactor(of: user)
        _ = try await reset(user.id, by: try await staff())
        let password = try Password(normalized: "another horse", for: nil)
        let link = scene.addLink(for: user, purpose: .reset)
        _ = try await scene.resetPassword(link.text, password: password, client: AccountsScene.client)
        #expect(try await follow.stop(try #require(stopLinks().first), client: AccountsScene.client) == .stopped)
    }

    @Test("asking again does not begin anew")
    func again() async throws {
        let user = try scene.add()
        scene.addFactor(of: user)
        let staff = try await staff()
        let first = try await reset(user.id, by: staff)
        scene.clock.advance(by: .seconds(60))
        #expect(try await reset(user.id, by: staff) == first)
        #expect(scene.work.store.eventTypes.count { $0 == "mfa.reset_requested" } == 1)
    }

    @Test("nobody does it for oneself, for somebody who may do more, without a second factor, or where there is none")
    func refusals() async throws {
        let user = try scene.add()
        let staff = try await staff()
        #expect(try await reset(user.id, by: staff) == .noFactor)
        scene.addFactor(of: user)
        #expect(try await reset(user.id, by: staff, strong: [user.id]) == .permissionDenied)
        #expect(scene.work.store.auditLines.last == "refused mfa.reset permission_denied")
        #expect(try await reset(UserID(staff.userID), by: staff) == .ownAccount)
        #expect(try await reset(scene.identifiers.next(), by: staff) == .unknown)
        scene.work.arrange { store in
            for id in store.sessions.keys { store.sessions[id]?.proof = SignInProof([.password], at: scene.clock.now) }
        }
        #expect(
            try await reset(user.id, by: staff)
                == .stepUpNeeded(StepUpDemand(needsSecondFactor: true, maxAge: AccountsScene.stepUpMaxAge)))
        let key = Principal(
            .apiKey(scene.identifiers.next(), prefix: "k"), of: staff.userID, permissions: staff.permissions,
            client: staff.client)
        #expect(try await reset(user.id, by: key) == .permissionDenied)
        #expect(scene.work.store.mfaResets.isEmpty)
    }
}
