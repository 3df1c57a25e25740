import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("A deactivated account")
struct ReactivateAccountTests {
    private let scene = AccountsScene()

    private func deactivated() async throws -> User {
        let user = try scene.add()
        let signedIn = try await scene.signedIn()
        let caller = SessionCaller(userID: user.id, sessionID: signedIn.session.id)
        #expect(
            try await scene.manageAccount.deactivate(
                DeactivateAccountCommand(
                    caller: caller, proof: .password(Secret(AccountsScene.password)), client: AccountsScene.client))
                == .deactivated)
        return user
    }

    /// The link of the newest mail, as the mail has it.
    private func mailedLink() async throws -> String? {
        guard let event = scene.work.store.events(of: UserReactivationRequested.self).last,
            let mail = try await scene.facade.linkMail(for: event.validationID)
        else { return nil }
        return try scene.token(in: mail.link)
    }

    @Test("comes back by the mailed link, once")
    func comesBack() async throws {
        let user = try await deactivated()
        #expect(try await scene.signIn().obstacle == .inactive)
        try await scene.reactivate.request(email: user.email)
        let link = try #require(try await mailedLink())
        #expect(try await scene.reactivate.preview(link) == .open(address: user.email))
        guard case .reactivated(let account) = try await scene.reactivate(link, client: AccountsScene.client) else {
            return #expect(Bool(false))
        }
        #expect(account.user.isActive)
        #expect(try await scene.signIn().signedIn != nil)
        #expect(try await scene.reactivate(link, client: AccountsScene.client) == .refused(.invalid))
        #expect(try await scene.reactivate.erase(link, client: AccountsScene.client) == .refused(.invalid))
        #expect(scene.work.store.auditLines.contains("done user.reactivated"))
        #expect(scene.work.store.events(of: UserUpdated.self).count == 1)
    }

    @Test("is erased by the mailed link, with everything that belongs to it")
    func erased() async throws {
        let user = try await deactivated()
        try await scene.reactivate.request(email: user.email)
        let link = try #require(try await mailedLink())
        #expect(try await scene.reactivate.erase(link, client: AccountsScene.client) == .erased(user.email))
        #expect(scene.work.store.accounts.isEmpty && scene.work.store.validations.isEmpty)
        #expect(scene.work.store.events(of: UserDeleted.self).map(\.userID) == [user.id])
        #expect(try await scene.reactivate.preview(link) == .refused(.invalid))
    }

    @Test("is offered the way back where a new password or a code is asked for, for which it has no use")
    func otherWays() async throws {
        let user = try await deactivated()
        try await scene.resetPassword.request(email: user.email)
        scene.clock.advance(by: .seconds(60))
        try await scene.signInWithMail.request(email: user.email)
        #expect(scene.work.store.events(of: UserReactivationRequested.self).count == 2)
        #expect(scene.work.store.events(of: PasswordResetRequested.self).isEmpty)
        #expect(scene.work.store.signInCodes.isEmpty)
        let link = try #require(try await mailedLink())
        #expect(try await scene.reactivate.preview(link) == .open(address: user.email))
    }

    @Test("that an administrator has deactivated or blocked stays so", arguments: ["deactivated", "blocked", "both"])
    func administrators(_ how: String) async throws {
        let user = try how == "deactivated" ? scene.add() : try await deactivated()
        if how != "blocked" {
            _ = try await scene.manageUsers.update(
                UpdateUserCommand(id: user.id, isActive: true, actor: scene.actor))
            _ = try await scene.manageUsers.update(
                UpdateUserCommand(id: user.id, isActive: false, actor: scene.actor))
        }
        let link = scene.addLink(for: user, purpose: .reactivate)
        if how != "deactivated" {
            _ = try await scene.manageUsers.block(
                BlockUserCommand(id: user.id, reason: "spam", until: nil, actor: scene.actor))
        }
        try await scene.reactivate.request(email: user.email)
        #expect(scene.work.store.events(of: UserReactivationRequested.self).isEmpty)
        for text in [link.text, scene.addLink(for: user, purpose: .reactivate).text] {
            #expect(try await scene.reactivate.preview(text) == .refused(.invalid))
            #expect(try await scene.reactivate(text, client: AccountsScene.client) == .refused(.invalid))
            #expect(try await scene.reactivate.erase(text, client: AccountsScene.client) == .refused(.invalid))
        }
        #expect(scene.work.store.accounts[user.id]?.user.isActive == false)
    }

    @Test("gets one mail a minute and five an hour, and an active account, or none, gets none")
    func mails() async throws {
        let user = try await deactivated()
        for _ in 1...10 {
            try await scene.reactivate.request(email: user.email)
            try await scene.reactivate.request(email: user.email)
            scene.clock.advance(by: .seconds(60))
        }
        #expect(scene.work.store.events(of: UserReactivationRequested.self).count == MailAllowance.perHour)
        let active = try scene.add("active@example.com")
        for email in [active.email, try #require(EmailAddress("nobody@example.com"))] {
            try await scene.reactivate.request(email: email)
        }
        #expect(scene.work.store.events(of: UserReactivationRequested.self).count == MailAllowance.perHour)
    }
}

@Suite("An account without a password")
struct PasswordlessAccountTests {
    private let scene = AccountsScene()

    /// Signed in by a mailed code, with another code for what is to be confirmed.
    private func signedInByCode() async throws -> (caller: SessionCaller, code: Secret<String>) {
        let user = try scene.add(password: nil)
        let first = try await scene.mailedCode()
        let signedIn = try #require(try await scene.signIn(code: scene.signer.digits(of: first)).signedIn)
        scene.clock.advance(by: .seconds(60))
        let second = try await scene.mailedCode()
        return (
            SessionCaller(userID: user.id, sessionID: signedIn.session.id), Secret(scene.signer.digits(of: second))
        )
    }

    @Test("gets a password by a mailed code")
    func password() async throws {
        let (caller, code) = try await signedInByCode()
        let outcome = try await scene.manageAccount.changePassword(
            ChangePasswordCommand(
                caller: caller, proof: .code(code), new: try Password(normalized: "a new horse", for: nil),
                client: AccountsScene.client))
        guard case .changed = outcome else { return #expect(Bool(false)) }
        #expect(try await scene.signIn(password: "a new horse").signedIn != nil)
    }

    @Test("changes its address by a mailed code, and not by a wrong one")
    func address() async throws {
        let (caller, code) = try await signedInByCode()
        let new = try #require(EmailAddress("new@example.com"))
        for (digits, expected) in [
            (Secret("000000"), ChangeEmailOutcome.refused(.wrong)), (code, .mailed), (code, .refused(.wrong)),
        ] {
            let outcome = try await scene.manageAccount.changeEmail(
                ChangeEmailCommand(caller: caller, email: new, proof: .code(digits), client: AccountsScene.client))
            #expect(outcome == expected)
        }
    }
}
