import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("The page behind a verification link")
struct VerifyInAnotherBrowserTests {
    private let scene = AccountsScene()

    private func press(
        _ text: String, registeredHere: Set<UserID> = [], password: String? = nil
    ) async throws
        -> VerifyEmailOutcome
    {
        try await scene.verifyEmail(
            VerifyEmailCommand(
                token: text, registeredHere: registeredHere,
                password: try password.map { try Password(normalized: $0, for: nil) }, client: AccountsScene.client))
    }

    @Test("in the browser that registered keeps the password")
    func sameBrowser() async throws {
        let user = try scene.add(isVerified: false)
        let outcome = try await press(scene.addLink(for: user).text, registeredHere: [user.id])
        #expect(outcome == .verified(try #require(scene.work.store.accounts[user.id])))
        #expect(scene.work.store.accounts[user.id]?.user.passwordHash == user.passwordHash)
    }

    @Test("in another browser asks for a password, and is not used up by that")
    func otherBrowser() async throws {
        let user = try scene.add(isVerified: false)
        let other = try scene.add("other@example.com", isVerified: false)
        let link = scene.addLink(for: user)
        for registered in [[], [other.id]] as [Set<UserID>] {
            let outcome = try await press(link.text, registeredHere: registered)
            #expect(outcome == .passwordMissing(try #require(scene.work.store.accounts[user.id])))
        }
        #expect(scene.work.store.accounts[user.id]?.user.isVerified == false)
        #expect(scene.work.store.validations[link.token.id]?.usedAt == nil)
    }

    @Test("with a new password proves the address, and ends what whoever registered has begun")
    func newPassword() async throws {
        let user = try scene.add(isVerified: false)
        let session = scene.arrangeSession(of: user)
        let link = scene.addLink(for: user)
        let reset = scene.addLink(for: user, purpose: .reset)
        guard case .verified = try await press(link.text, password: "the owner's horse") else {
            return #expect(Bool(false))
        }
        let store = scene.work.store
        #expect(store.accounts[user.id]?.user.isVerified == true)
        #expect(store.sessions[session.id]?.revocationReason == .firstProof)
        #expect(store.validations[reset.token.id]?.usedAt != nil)
        #expect(try await scene.signIn(password: AccountsScene.password).isInvalidCredentials)
        #expect(try await scene.signIn(password: "the owner's horse").signedIn != nil)
    }

    @Test("pressed twice with a password sets it once")
    func twice() async throws {
        let user = try scene.add(isVerified: false)
        let link = scene.addLink(for: user)
        _ = try await press(link.text, password: "the owner's horse")
        guard case .verified = try await press(link.text, password: "a second horse") else {
            return #expect(Bool(false))
        }
        #expect(try await scene.signIn(password: "the owner's horse").signedIn != nil)
        #expect(scene.hasher.calls.count { $0 == .hash } == 1)
    }

    @Test("refuses the address as its own password, and is not used up by that")
    func weak() async throws {
        let user = try scene.add(isVerified: false)
        let link = scene.addLink(for: user)
        guard case .weak(.sameAsAddress, _) = try await press(link.text, password: "Ana@Example.com") else {
            return #expect(Bool(false))
        }
        #expect(scene.work.store.validations[link.token.id]?.usedAt == nil)
    }

    @Test("of an account without a password asks for none")
    func withoutPassword() async throws {
        let user = try scene.add(password: nil, isVerified: false)
        guard case .verified = try await press(scene.addLink(for: user).text) else { return #expect(Bool(false)) }
        #expect(scene.work.store.accounts[user.id]?.user.passwordHash == nil)
    }

    @Test("and a program's call keeps the password, unless it brings one")
    func program() async throws {
        for password in [nil, "the owner's horse"] {
            let scene = AccountsScene()
            let user = try scene.add(isVerified: false)
            _ = try await scene.verifyEmail(
                VerifyEmailCommand(
                    token: scene.addLink(for: user).text,
                    password: try password.map { try Password(normalized: $0, for: nil) },
                    client: AccountsScene.client))
            #expect(try await scene.signIn(password: password ?? AccountsScene.password).signedIn != nil)
        }
    }
}
