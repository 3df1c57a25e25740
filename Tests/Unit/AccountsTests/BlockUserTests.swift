import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Blocking somebody")
struct BlockUserTests {
    private let scene = AccountsScene()
    private let hour: Duration = .seconds(3_600)

    private func block(_ user: User, until: Timestamp? = nil, reason: String = "spam") async throws -> ManageUserOutcome
    {
        try await scene.manageUsers.block(
            BlockUserCommand(id: user.id, reason: reason, until: until.map { .at($0) }, actor: scene.actor))
    }

    @Test("a block ends every session at once and tells everybody", arguments: [true, false])
    func blocks(_ hasEnd: Bool) async throws {
        let user = try scene.add()
        let (one, two) = (try await scene.signedIn(), try await scene.signedIn())
        let until = hasEnd ? scene.clock.now + hour : nil
        let outcome = try await block(user, until: until)
        #expect(outcome == .done(try #require(try await scene.administration.find(user.id))))
        let store = scene.work.store
        #expect(store.accounts[user.id]?.user.block == UserBlock(reason: "spam", until: until))
        #expect(store.sessions.values.allSatisfy { $0.revocationReason == .blocked })
        for session in [one, two] {
            #expect(try await scene.authenticate(accessToken: session.accessToken.text.reveal()) == nil)
            #expect(try await scene.rotate(session.refreshToken.text, client: AccountsScene.client).signedIn == nil)
        }
        #expect(
            Set(store.revokedSubjects) == [.session(one.session.id), .session(two.session.id), .user(user.id)])
        #expect(store.events(of: UserBlocked.self).map(\.userID) == [user.id])
        #expect(store.events(of: SessionRevoked.self).map(\.reason) == ["blocked", "blocked"])
        let line = try #require(store.audit.last)
        #expect(line.action == "user.blocked" && line.subject == "user:\(user.id)")
        #expect(line.actor == "user:\(scene.administratorID)")
        #expect(line.personal == AccountsScene.administratorClient.personal)
    }

    @Test("a blocked person signs in by no way", arguments: [true, false])
    func everyWay(_ hasEnd: Bool) async throws {
        let user = try scene.add()
        let code = try await scene.mailedCode()
        let (oldLink, digits) = (scene.linkText(code), scene.signer.digits(of: code))
        let until = hasEnd ? scene.clock.now + hour : nil
        _ = try await block(user, until: until)
        #expect(try await scene.signIn().obstacle == .blocked(until: until))
        #expect(try await scene.signIn(code: digits).isInvalidCredentials)
        #expect(try await scene.signIn(link: oldLink) == "invalid")
        scene.clock.advance(by: .seconds(60))
        let newDigits = scene.signer.digits(of: try await scene.mailedCode())
        #expect(try await scene.signIn(code: newDigits).obstacle == .blocked(until: until))
        scene.clock.advance(by: .seconds(60))
        #expect(try await scene.signIn(link: try await scene.mailedLink()) == "obstructed")
        try await scene.resetPassword.request(email: user.email)
        let reset = try #require(scene.work.store.validations.values.first { $0.purpose == .reset })
        _ = try await scene.resetPassword(
            scene.signer.text(of: reset), password: try Password(normalized: "another horse", for: nil),
            client: AccountsScene.client)
        #expect(try await scene.signIn(password: "another horse").obstacle == .blocked(until: until))
        #expect(scene.work.store.sessions.isEmpty)
    }

    @Test("a change of the address that waited is not confirmed any more")
    func pendingChange() async throws {
        let user = try scene.add()
        let address = try #require(EmailAddress("thief@example.com"))
        let link = scene.addLink(for: user, purpose: .emailChange, address: address)
        _ = try await block(user)
        #expect(
            try await scene.manageAccount.confirmEmailChange(link.text, caller: nil, client: AccountsScene.client)
                .refusal == .invalid)
    }

    @Test("a session that the store kept alive does not refresh while its user is blocked")
    func refresh() async throws {
        let user = try scene.add()
        let mine = try await scene.signedIn()
        scene.work.arrange { $0.accounts[user.id]?.user.block = UserBlock(reason: "spam", until: nil) }
        #expect(try await scene.rotate(mine.refreshToken.text, client: AccountsScene.client).signedIn == nil)
    }

    @Test("a block with an end is over then; one without lasts")
    func ends() async throws {
        let (ana, budi) = (try scene.add(), try scene.add("budi@example.com"))
        let until = scene.clock.now + hour
        _ = try await block(ana, until: until)
        _ = try await block(budi)
        scene.clock.advance(by: hour - .milliseconds(1))
        #expect(try await scene.signIn().obstacle == .blocked(until: until))
        scene.clock.advance(by: .milliseconds(1))
        #expect(try await scene.signIn().signedIn != nil)
        scene.clock.advance(by: .seconds(100 * 365 * 86_400))
        #expect(try await scene.signIn("budi@example.com").obstacle == .blocked(until: nil))
    }

    @Test("an end that is not in the future is refused")
    func alreadyOver() async throws {
        let user = try scene.add()
        #expect(try await block(user, until: scene.clock.now) == .blockIsOver)
        #expect(scene.work.store.accounts[user.id]?.user == user)
        #expect(scene.work.store.audit.isEmpty)
    }

    @Test("a second block replaces the first")
    func replaces() async throws {
        let user = try scene.add()
        _ = try await block(user)
        _ = try await block(user, until: scene.clock.now + hour, reason: "fraud")
        let replaced = scene.work.store.accounts[user.id]?.user.block
        #expect(replaced == UserBlock(reason: "fraud", until: scene.clock.now + hour))
    }

    @Test("unblocking lets sign in again, with one line and one event; ended sessions stay ended")
    func unblocks() async throws {
        let user = try scene.add()
        let mine = try await scene.signedIn()
        _ = try await block(user)
        for _ in 1...2 {
            let outcome = try await scene.manageUsers.unblock(user.id, by: scene.actor)
            #expect(outcome == .done(try #require(try await scene.administration.find(user.id))))
        }
        let store = scene.work.store
        #expect(store.accounts[user.id]?.user.block == nil)
        #expect(store.events(of: UserUnblocked.self).map(\.userID) == [user.id])
        #expect(store.auditLines.filter { $0 == "done user.unblocked" }.count == 1)
        #expect(store.revokedSubjects.filter { $0 == .user(user.id) }.count == 2)
        #expect(try await scene.authenticate(accessToken: mine.accessToken.text.reveal()) == nil)
        #expect(try await scene.signIn().signedIn != nil)
    }

    @Test("a sign-in whose password is checked while its owner is blocked opens nothing")
    func whileHashing() async throws {
        let scene = scene
        let user = try scene.add()
        scene.hasher.meanwhile { _ = try await block(user) }
        #expect(try await scene.signIn().obstacle == .blocked(until: nil))
        #expect(scene.work.store.sessions.isEmpty)
    }

    @Test("an administrator's link lifts the block of the account that it appoints")
    func appointed() async throws {
        let user = try scene.add()
        _ = try await block(user)
        let link = try await scene.appoint.invite(email: user.email)
        _ = try await scene.appoint.accept(try scene.acceptance(link))
        #expect(try await scene.signIn().signedIn != nil)
        #expect(scene.work.store.events(of: UserUnblocked.self).count == 1)
    }
}
