import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Setting a new password by a mailed link")
struct ResetPasswordTests {
    private let scene = AccountsScene()

    private func reset(_ text: String, _ password: String = "another horse") async throws -> ResetPasswordOutcome {
        try await scene.resetPassword(
            text, password: try Password(normalized: password, for: nil), client: AccountsScene.client)
    }

    private func mailedLink(_ user: User) async throws -> String {
        try await scene.resetPassword.request(email: user.email)
        let link = scene.work.store.validations.values.filter { $0.purpose == .reset }.max { $0.id < $1.id }
        return scene.signer.text(of: try #require(link))
    }

    @Test("the link sets the password, ends every session and is used up with all others")
    func sets() async throws {
        let user = try scene.add()
        let sessions = [try await scene.signedIn(), try await scene.signedIn()]
        let other = try await scene.mailedLink()
        let link = try await mailedLink(user)
        #expect(try await scene.resetPassword.preview(link) == .open(address: user.email))
        let outcome = try await reset(link)
        let store = scene.work.store
        #expect(outcome == .changed(try #require(store.accounts[user.id])))
        #expect(store.accounts[user.id]?.user.passwordHash == PasswordHasherDouble.hash(of: "another horse"))
        #expect(sessions.allSatisfy { store.sessions[$0.session.id]?.revocationReason == .passwordChanged })
        #expect(store.events(of: PasswordChanged.self).map(\.userID) == [user.id])
        #expect(store.auditLines.last == "done password.reset")
        #expect(try await reset(link) == .refused(.invalid))
        #expect(try await scene.signIn(link: other) == "invalid")
        #expect(try await scene.signIn(password: "another horse").signedIn != nil)
    }

    @Test("nothing is mailed to an unknown or a deactivated account, nor too often")
    func noMail() async throws {
        try scene.add("gone@example.com") { $0.isActive = false }
        for email in ["gone@example.com", "nobody@example.com"] {
            try await scene.resetPassword.request(email: try #require(EmailAddress(email)))
        }
        #expect(scene.work.store.events.isEmpty)
        let user = try scene.add()
        for _ in 1...3 { try await scene.resetPassword.request(email: user.email) }
        #expect(scene.work.store.events(of: PasswordResetRequested.self).map(\.userID) == [user.id])
    }

    @Test("a link lives an hour, also while the password is hashed")
    func expires() async throws {
        let scene = scene
        let user = try scene.add()
        let link = try await mailedLink(user)
        scene.hasher.meanwhile { scene.clock.advance(by: AccountsScene.linkLifetime) }
        #expect(try await reset(link) == .refused(.expired))
        #expect(try await scene.resetPassword.preview(link) == .refused(.expired))
        #expect(scene.work.store.accounts[user.id]?.user == user)
    }

    @Test("of two who use one link at once, one sets the password")
    func twoAtOnce() async throws {
        let scene = scene
        let user = try scene.add()
        let link = try await mailedLink(user)
        scene.hasher.meanwhile { _ = try await reset(link, "the fast horse") }
        #expect(try await reset(link, "the slow horse") == .refused(.invalid))
        #expect(
            scene.work.store.accounts[user.id]?.user.passwordHash == PasswordHasherDouble.hash(of: "the fast horse"))
    }

    @Test("a password that is the account's address is refused, and the link stays good")
    func weak() async throws {
        let user = try scene.add()
        let link = try await mailedLink(user)
        #expect(try await reset(link, "ANA@example.com") == .weak(.sameAsAddress))
        #expect(scene.hasher.calls.isEmpty)
        #expect(try await scene.resetPassword.preview(link) == .open(address: user.email))
    }

    @Test("for an account that nobody has proved it is the first proof")
    func firstProof() async throws {
        let user = try scene.add(isVerified: false)
        let squatter = scene.arrangeSession(of: user)
        let verification = scene.addLink(for: user)
        let link = try await mailedLink(user)
        _ = try await reset(link)
        let store = scene.work.store
        #expect(store.accounts[user.id]?.user.isVerified == true)
        #expect(store.sessions[squatter.id]?.revocationReason == .firstProof)
        #expect(store.eventTypes.suffix(3) == ["session.revoked", "user.verified", "password.changed"])
        let again = try await scene.verifyEmail(verification.text, client: AccountsScene.client)
        #expect(again == .verified(try #require(store.accounts[user.id])))
        #expect(scene.work.store.eventTypes == store.eventTypes)
        #expect(try await scene.signIn(password: "another horse").signedIn != nil)
    }

    @Test("a link for an address that the account has no more is refused")
    func addressChanged() async throws {
        let user = try scene.add()
        let link = try await mailedLink(user)
        scene.work.arrange { $0.accounts[user.id]?.user.email = EmailAddress("new@example.com")! }
        #expect(try await reset(link) == .refused(.invalid))
        #expect(scene.work.store.accounts[user.id]?.user.passwordHash == user.passwordHash)
    }
}
