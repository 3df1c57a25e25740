import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("How somebody stands")
struct StandingTests {
    private let scene = AccountsScene()

    @Test("it is told by one read, as it is now")
    func standing() async throws {
        let user = try scene.add {
            $0.role = .admin; $0.isActive = false
        }
        let standing = try #require(try await scene.facade.standing(of: user.id))
        #expect(standing.userID == user.id && standing.address == user.email)
        #expect(!standing.isActive && standing.isVerified && standing.isAdministrator)
        #expect(standing.block == nil && !standing.isBlocked(at: scene.clock.now))
        #expect(try await scene.facade.standing(of: scene.identifiers.next()) == nil)
    }

    @Test("a block is in effect until its end; a block without an end always")
    func blocks() async throws {
        let now = scene.clock.now
        #expect(UserBlock(reason: "spam", until: now + .milliseconds(1)).isInEffect(at: now))
        #expect(!UserBlock(reason: "spam", until: now).isInEffect(at: now))
        #expect(UserBlock(reason: "spam", until: nil).isInEffect(at: now))
        #expect(UserBlock(storedReason: nil, until: nil) == nil)
        #expect(UserBlock(storedReason: "spam", until: nil)?.isInEffect(at: now) == true)
        #expect(UserBlock(storedReason: nil, until: now)?.isInEffect(at: now) == false)
    }

    @Test("who calls is told without a look into the store")
    func caller() async throws {
        try scene.add()
        let signedIn = try await scene.signedIn()
        let facade = AccountsFacadeService(
            work: UnplannedWork(), signer: scene.signer, links: scene.links,
            authenticate: AuthenticateService(
                work: UnplannedWork(), verifier: scene.tokens, revocations: scene.revocations, cutOff: .refuse,
                clock: scene.clock),
            changes: scene.changes, stepUp: scene.stepUp,
            administration: scene.administrationPolicy(isRequired: true), clock: scene.clock)
        #expect(try await facade.caller(accessToken: signedIn.accessToken.text.reveal()) == signedIn.caller)
        #expect(try await facade.caller(accessToken: "nonsense") == nil)
    }

    @Test("changes are passed on to everybody who wants to hear of them")
    func hears() {
        let heard = Recorder<UserID>()
        for _ in 1...2 { scene.facade.onUserChanged { heard.add($0) } }
        let id: UserID = scene.identifiers.next()
        scene.changes.happen(to: id)
        #expect(heard.all == [id, id])
    }

    enum Change: CaseIterable, Sendable {
        case verified, provedByCode, declined, addressChanged, deactivated, erased, cleanedUp, appointedByLink
    }

    @Test("everything that a person or time does to a standing is told once", arguments: Change.allCases)
    func told(_ change: Change) async throws {
        let isVerified = ![.verified, .provedByCode, .declined, .cleanedUp].contains(change)
        let user = try scene.add(isVerified: isVerified)
        let caller = SessionCaller(userID: user.id, sessionID: scene.arrangeSession(of: user).id)
        try await make(change, user, caller)
        #expect(scene.work.store.revokedSubjects.filter { $0 == .user(user.id) }.count == 1)
        #expect(scene.work.store.accounts[user.id]?.user.standing != user.standing)
    }

    private func make(_ change: Change, _ user: User, _ caller: SessionCaller) async throws {
        let client = AccountsScene.client
        switch change {
        case .verified: _ = try await scene.verifyEmail(scene.addLink(for: user).text, client: client)
        case .provedByCode:
            _ = try await scene.signIn(code: scene.signer.digits(of: try await scene.mailedCode()))
        case .declined: _ = try await scene.verifyEmail.decline(scene.addLink(for: user).text, client: client)
        case .addressChanged:
            let link = scene.addLink(for: user, purpose: .emailChange, address: EmailAddress("new@example.com"))
            _ = try await scene.manageAccount.confirmEmailChange(link.text, caller: nil, client: client)
        case .deactivated:
            _ = try await scene.manageAccount.deactivate(
                DeactivateAccountCommand(
                    caller: caller, proof: .password(Secret(AccountsScene.password)), client: client))
        case .erased:
            _ = try await scene.personalData.erase(
                EraseAccountCommand(
                    caller: caller, proof: .password(Secret(AccountsScene.password)), client: client))
        case .cleanedUp:
            scene.clock.advance(by: CleanUpService.unprovedLifetime + .milliseconds(1))
            _ = try await scene.cleanUp()
        case .appointedByLink:
            let link = try await scene.appoint.invite(email: user.email)
            _ = try await scene.appoint.accept(try scene.acceptance(link))
        }
    }
}
