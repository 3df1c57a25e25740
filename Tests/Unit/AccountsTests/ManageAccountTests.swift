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
        _ caller: SessionCaller, current: String = AccountsScene.password, new: String = "another horse"
    ) async throws -> ChangePasswordOutcome {
        try await scene.manageAccount.changePassword(
            ChangePasswordCommand(
                caller: caller, current: Secret(current), new: try Password(normalized: new, for: nil),
                client: client))
    }

    private func changeEmail(
        _ caller: SessionCaller, to email: String = "new@example.com", password: String = AccountsScene.password
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
        try await scene.manageAccount.confirmEmailChange(text, caller: nil, client: client)
    }

    /// The caller again, whose session was renewed.
    private func changed(_ outcome: ChangePasswordOutcome) throws -> SignedIn {
        guard case .changed(let signedIn) = outcome else { throw Unexpected() }
        return signedIn
    }

    private struct Unexpected: Error {}

    @Test("a changed password ends the other sessions, and gives the caller new tokens for the old ones")
    func changesPassword() async throws {
        let user = try scene.add()
        let (mine, other) = (try await scene.signedIn(), try await scene.signedIn())
        let renewed = try changed(try await changePassword(mine.caller))
        let store = scene.work.store
        #expect(store.accounts[user.id]?.user.passwordHash == PasswordHasherDouble.hash(of: "another horse"))
        #expect(store.sessions[mine.session.id]?.revocationReason == .renewed)
        #expect(try await scene.authenticate(accessToken: mine.accessToken.text.reveal()) == nil)
        #expect(try await scene.rotate(mine.refreshToken.text, client: client).isRevoked)
        #expect(try await scene.authenticate(accessToken: renewed.accessToken.text.reveal()) == renewed.caller)
        #expect(
            try await scene.manageSessions.list(renewed.caller, PageRequest()).items.map(\.id) == [renewed.session.id])
        #expect(store.sessions[other.session.id]?.revocationReason == .passwordChanged)
        #expect(store.events(of: PasswordChanged.self).count == 1)
        #expect(store.auditLines.contains("done password.changed"))
    }

    @Test("a wrong current password changes nothing and leaves a line in the log", arguments: [true, false])
    func wrongPassword(_ hasPassword: Bool) async throws {
        let user = try scene.add()
        let caller = try await scene.signedIn().caller
        if !hasPassword { scene.work.arrange { $0.accounts[user.id]?.user.passwordHash = nil } }
        let before = scene.work.store.accounts
        let current = hasPassword ? "wrong horse" : AccountsScene.password
        #expect(try await changePassword(caller, current: current).refusal == .confirmation(.wrong))
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
        #expect(try await changePassword(caller, new: "ana@EXAMPLE.com").refusal == .weak(.sameAsAddress))
    }

    @Test("a password that somebody else changed meanwhile stays")
    func changedMeanwhile() async throws {
        let scene = scene
        let user = try scene.add()
        let caller = try await scene.signedIn().caller
        let other = PasswordHasherDouble.hash(of: "the other horse")
        scene.hasher.meanwhile { scene.work.arrange { $0.accounts[user.id]?.user.passwordHash = other } }
        #expect(try await changePassword(caller).refusal == .confirmation(.wrong))
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
        #expect(outcome.account == store.accounts[user.id])
        #expect(store.accounts[user.id]?.user.email == new)
        #expect(store.accounts[user.id]?.user.updatedAt == scene.clock.now)
        #expect(store.events(of: UserUpdated.self).map(\.userID) == [user.id])
        #expect(try await confirm(link).refusal == .invalid)
        #expect(try await scene.signIn(link: old) == "invalid")
        #expect(try await scene.signIn("new@example.com").signedIn != nil)
        #expect(try await scene.signIn().isInvalidCredentials)
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
        #expect(try await confirm(try confirmation()).isTaken)
        #expect(scene.work.store.accounts[user.id]?.user.email == user.email)
    }

    @Test("asking for the same address again too soon says the same and mails nothing")
    func mailInterval() async throws {
        try scene.add()
        let caller = try await scene.signedIn().caller
        for _ in 1...3 { #expect(try await changeEmail(caller) == .mailed) }
        #expect(scene.work.store.events(of: EmailChangeRequested.self).count == 1)
        #expect(try await confirm(try confirmation()).account != nil)
    }

    @Test("of two addresses that were asked for the later one counts, at once")
    func newestCounts() async throws {
        try scene.add()
        let caller = try await scene.signedIn().caller
        #expect(try await changeEmail(caller, to: "nwe@example.com") == .mailed)
        let mistyped = try confirmation()
        #expect(try await changeEmail(caller) == .mailed)
        #expect(scene.work.store.events(of: EmailChangeRequested.self).count == 2)
        #expect(try await confirm(mistyped).refusal == .invalid)
        #expect(try await confirm(try confirmation()).account?.user.email.text == "new@example.com")
    }

    @Test("the sixth address in an hour is refused, with the time to wait")
    func mailLimit() async throws {
        try scene.add()
        let caller = try await scene.signedIn().caller
        for number in 1...5 {
            #expect(try await changeEmail(caller, to: "new\(number)@example.com") == .mailed)
            scene.clock.advance(by: .seconds(60))
        }
        let outcome = try await changeEmail(caller, to: "new6@example.com")
        #expect(outcome == .tooManyMails(retryAfter: .seconds(3_600 - 300)))
        scene.clock.advance(by: .seconds(3_600 - 300))
        #expect(try await changeEmail(caller, to: "new6@example.com") == .mailed)
    }

    @Test("a confirmation is good only while the session that asked for it lives")
    func endsWithItsSession() async throws {
        try scene.add()
        let (thief, owner) = (try await scene.signedIn(), try await scene.signedIn())
        #expect(try await changeEmail(thief.caller) == .mailed)
        let link = try confirmation()
        _ = try await scene.manageSessions.revoke(thief.session.id, owner.caller, client: client)
        #expect(try await scene.manageAccount.previewEmailChange(link) == .refused(.invalid))
        #expect(try await confirm(link).refusal == .invalid)
    }

    @Test("who confirms while signed in gets new tokens, and the old ones end")
    func renewsTheCaller() async throws {
        try scene.add()
        let (mine, other) = (try await scene.signedIn(), try await scene.signedIn())
        #expect(try await changeEmail(mine.caller) == .mailed)
        let outcome = try await scene.manageAccount.confirmEmailChange(
            try confirmation(), caller: mine.caller, client: client)
        guard case .changed(_, let renewed?) = outcome else { throw Unexpected() }
        #expect(try await scene.authenticate(accessToken: mine.accessToken.text.reveal()) == nil)
        #expect(try await scene.rotate(mine.refreshToken.text, client: client).isRevoked)
        #expect(try await scene.authenticate(accessToken: renewed.accessToken.text.reveal()) != nil)
        #expect(try await scene.authenticate(accessToken: other.accessToken.text.reveal()) != nil)
    }

    @Test("an account that nobody proved gives way to the proof of its address, and a refusal leaves the link good")
    func claimGivesWay() async throws {
        let user = try scene.add()
        let caller = try await scene.signedIn().caller
        #expect(try await changeEmail(caller) == .mailed)
        let squatter = try scene.add("new@example.com", isVerified: false)
        #expect(try await confirm(try confirmation()).account?.user.id == user.id)
        let store = scene.work.store
        #expect(store.accounts[squatter.id] == nil)
        #expect(store.events(of: UserDeleted.self).map(\.userID) == [squatter.id])
    }

    @Test("a change that waited while its session was ended changes nothing")
    func endedMeanwhile() async throws {
        let scene = scene
        let user = try scene.add()
        let (thief, owner) = (try await scene.signedIn(), try await scene.signedIn())
        let client = client
        scene.work.beforeNextWrite {
            try await scene.manageSessions.revokeAll(owner.caller, client: client)
        }
        #expect(try await changePassword(thief.caller).refusal == .signedOut)
        #expect(scene.work.store.accounts[user.id]?.user.passwordHash == user.passwordHash)
        #expect(try await changeEmail(thief.caller) == .signedOut)
    }

    @Test("a confirmation lives an hour")
    func confirmationExpires() async throws {
        try scene.add()
        _ = try await changeEmail(try await scene.signedIn().caller)
        scene.clock.advance(by: AccountsScene.linkLifetime)
        #expect(try await confirm(try confirmation()).refusal == .expired)
    }

    @Test("deactivating ends every session and every link, once")
    func deactivates() async throws {
        let user = try scene.add()
        let (mine, other) = (try await scene.signedIn(), try await scene.signedIn())
        let link = try await scene.mailedLink()
        for _ in 1...2 {
            #expect(
                try await scene.manageAccount.deactivate(
                    DeactivateAccountCommand(
                        caller: mine.caller, proof: .password(Secret(AccountsScene.password)), client: client))
                    == .deactivated)
        }
        let store = scene.work.store
        #expect(store.accounts[user.id]?.user.isActive == false)
        for session in [mine, other] {
            #expect(store.sessions[session.session.id]?.revocationReason == .deactivated)
        }
        #expect(store.events(of: UserDeactivated.self).count == 1)
        #expect(try await scene.signIn(link: link) == "invalid")
        #expect(try await scene.signIn().obstacle == .inactive)
        #expect(try await scene.authenticate(accessToken: mine.accessToken.text.reveal()) == nil)
    }
}

extension ConfirmEmailChangeOutcome {
    var account: Account? {
        if case .changed(let account, _) = self { account } else { nil }
    }

    var refusal: LinkRefusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }

    var isTaken: Bool {
        if case .taken = self { true } else { false }
    }
}

extension RotateRefreshTokenOutcome {
    var isRevoked: Bool {
        if case .revoked = self { true } else { false }
    }
}
