import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Changing one's own account")
struct ManageAccountTests {
    private let scene = AccountsScene()
    private let client = AccountsScene.client

    private func changePassword(
        _ caller: Caller, current: String = AccountsScene.password, new: String = "another horse"
    ) async throws -> ChangePasswordOutcome {
        try await scene.manageAccount.changePassword(
            ChangePasswordCommand(
                caller: caller, current: Secret(current), new: try Password(normalized: new, for: nil),
                client: client))
    }

    private func changeEmail(
        _ caller: Caller, to email: String = "new@example.com", password: String = AccountsScene.password
    ) async throws -> ChangeEmailOutcome {
        try await scene.manageAccount.changeEmail(
            ChangeEmailCommand(
                caller: caller, email: try #require(EmailAddress(email)), password: Secret(password), client: client))
    }

    private func confirmation() throws -> String {
        let links = scene.work.store.validations.values.filter { $0.purpose == .emailChange }
        return scene.signer.text(of: try #require(links.max { $0.id < $1.id }))
    }

    private func confirm(_ text: String) async throws -> ConfirmEmailChangeOutcome {
        try await scene.manageAccount.confirmEmailChange(text, client: client)
    }

    @Test("a changed password ends the other sessions and keeps this one")
    func changesPassword() async throws {
        let user = try scene.add()
        let (mine, other) = (try await scene.signedIn(), try await scene.signedIn())
        #expect(try await changePassword(mine.caller) == .changed)
        let store = scene.work.store
        #expect(store.accounts[user.id]?.user.passwordHash == PasswordHasherDouble.hash(of: "another horse"))
        #expect(store.sessions[mine.session.id]?.revokedAt == nil)
        #expect(store.sessions[other.session.id]?.revocationReason == .passwordChanged)
        #expect(store.events(of: PasswordChanged.self).count == 1)
        #expect(store.auditLines.last == "done password.changed")
    }

    @Test("a wrong current password changes nothing and leaves a line in the log", arguments: [true, false])
    func wrongPassword(_ hasPassword: Bool) async throws {
        let user = try scene.add()
        let caller = try await scene.signedIn().caller
        if !hasPassword { scene.work.arrange { $0.accounts[user.id]?.user.passwordHash = nil } }
        let before = scene.work.store.accounts
        let current = hasPassword ? "wrong horse" : AccountsScene.password
        #expect(try await changePassword(caller, current: current) == .refused(.wrong))
        #expect(try await changeEmail(caller, password: current) == .refused(.wrong))
        let store = scene.work.store
        #expect(store.accounts == before)
        #expect(store.auditLines.suffix(2).allSatisfy { $0 == "refused password.confirm invalid_credentials" })
        #expect(store.validations.isEmpty)
    }

    @Test("the address is no password")
    func weak() async throws {
        try scene.add()
        let caller = try await scene.signedIn().caller
        #expect(try await changePassword(caller, new: "ana@EXAMPLE.com") == .weak(.sameAsAddress))
    }

    @Test("a password that somebody else changed meanwhile stays")
    func changedMeanwhile() async throws {
        let scene = scene
        let user = try scene.add()
        let caller = try await scene.signedIn().caller
        let other = PasswordHasherDouble.hash(of: "the other horse")
        scene.hasher.meanwhile { scene.work.arrange { $0.accounts[user.id]?.user.passwordHash = other } }
        #expect(try await changePassword(caller) == .refused(.wrong))
        #expect(scene.work.store.accounts[user.id]?.user.passwordHash == other)
    }

    @Test("another address is the account's only when its link is used")
    func changesEmail() async throws {
        let user = try scene.add()
        let caller = try await scene.signedIn().caller
        let old = try await scene.mailedLink()
        #expect(try await changeEmail(caller) == .mailed)
        #expect(scene.work.store.accounts[user.id]?.user.email == user.email)
        let link = try confirmation()
        let new = try #require(EmailAddress("new@example.com"))
        for _ in 1...2 {
            #expect(try await scene.manageAccount.previewEmailChange(link) == .open(address: new))
        }
        scene.clock.advance(by: .seconds(60))
        let outcome = try await confirm(link)
        let store = scene.work.store
        #expect(outcome == .changed(try #require(store.accounts[user.id])))
        #expect(store.accounts[user.id]?.user.email == new)
        #expect(store.accounts[user.id]?.user.updatedAt == scene.clock.now)
        #expect(store.events(of: UserUpdated.self).map(\.userID) == [user.id])
        #expect(try await confirm(link) == .refused(.invalid))
        #expect(try await scene.logIn(link: old) == "invalid")
        #expect(try await scene.logIn("new@example.com").signedIn != nil)
        #expect(try await scene.logIn().isInvalidCredentials)
    }

    @Test("the account's own address is no change")
    func unchanged() async throws {
        try scene.add()
        let caller = try await scene.signedIn().caller
        #expect(try await changeEmail(caller, to: "ANA@example.com") == .unchanged)
        #expect(scene.work.store.validations.isEmpty)
    }

    @Test("an address that somebody has by then is refused; that it was taken before is not told")
    func taken() async throws {
        let user = try scene.add()
        let caller = try await scene.signedIn().caller
        try scene.add("new@example.com")
        #expect(try await changeEmail(caller) == .mailed)
        #expect(try await confirm(try confirmation()) == .taken)
        #expect(scene.work.store.accounts[user.id]?.user.email == user.email)
    }

    @Test("asking again too soon says the same and mails nothing")
    func mailLimit() async throws {
        try scene.add()
        let caller = try await scene.signedIn().caller
        for number in 1...3 { #expect(try await changeEmail(caller, to: "new\(number)@example.com") == .mailed) }
        #expect(scene.work.store.events(of: EmailChangeRequested.self).count == 1)
    }

    @Test("a confirmation lives an hour")
    func confirmationExpires() async throws {
        try scene.add()
        _ = try await changeEmail(try await scene.signedIn().caller)
        scene.clock.advance(by: AccountsScene.linkLifetime)
        #expect(try await confirm(try confirmation()) == .refused(.expired))
    }

    @Test("deactivating ends every session and every link, once")
    func deactivates() async throws {
        let user = try scene.add()
        let (mine, other) = (try await scene.signedIn(), try await scene.signedIn())
        let link = try await scene.mailedLink()
        for _ in 1...2 {
            #expect(try await scene.manageAccount.deactivate(mine.caller, client: client) == .deactivated)
        }
        let store = scene.work.store
        #expect(store.accounts[user.id]?.user.isActive == false)
        for session in [mine, other] {
            #expect(store.sessions[session.session.id]?.revocationReason == .deactivated)
        }
        #expect(store.events(of: UserDeactivated.self).count == 1)
        #expect(try await scene.logIn(link: link) == "invalid")
        #expect(try await scene.logIn().obstacle == .inactive)
        #expect(try await scene.authenticate(accessToken: mine.accessToken.text.reveal()) == nil)
    }
}
