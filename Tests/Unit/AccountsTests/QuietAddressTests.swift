import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("An address that nobody has proved")
struct QuietAddressTests {
    private let scene = AccountsScene()
    private let address = EmailAddress("ana@example.com")!

    /// Registers and gives the link that is mailed.
    private func register() async throws -> ValidationID {
        _ = try await scene.register(try scene.registration())
        return try #require(scene.work.store.events(of: UserCreated.self).last?.validationID)
    }

    private func askForEverything() async throws {
        try await scene.requestVerification(email: address)
        try await scene.resetPassword.request(email: address)
        try await scene.signInWithMail.request(email: address)
    }

    @Test("gets three mails in all for one account, of whatever kind, and a proved one as many as before")
    func three() async throws {
        _ = try await register()
        for _ in 1...24 {
            scene.clock.advance(by: .seconds(3_600))
            try await askForEverything()
        }
        #expect(scene.work.store.validations.count == 3)
        scene.work.arrange { store in
            for id in store.accounts.keys { store.accounts[id]?.user.isVerified = true }
        }
        scene.clock.advance(by: .seconds(3_600))
        try await scene.resetPassword.request(email: address)
        #expect(scene.work.store.validations.count == 4)
    }

    @Test("gets no mail for 30 days after \"not me\", whoever asks for one, and however")
    func quiet() async throws {
        let link = try await register()
        let token = try #require(scene.work.store.validations[link])
        let text = scene.signer.text(of: token)
        #expect(try await scene.verifyEmail.decline(text, client: AccountsScene.client) == .deleted(address))

        scene.clock.advance(by: MailAllowance.quietTime - .seconds(3_600))
        let second = try await register()
        #expect(try await scene.facade.linkMail(for: second) == nil)
        scene.clock.advance(by: .seconds(60))
        try await askForEverything()
        for id in scene.work.store.validations.keys {
            #expect(try await scene.facade.linkMail(for: id) == nil)
        }
        for id in scene.work.store.signInCodes.keys {
            #expect(try await scene.facade.signInCodeMail(for: id) == nil)
        }
        // Nor may another account be made to write to it.
        let other = try scene.add("other@example.com")
        let change = scene.addLink(for: other, purpose: .emailChange, address: address)
        #expect(try await scene.facade.linkMail(for: change.token.id) == nil)

        scene.clock.advance(by: .seconds(3_600))
        #expect(try await scene.facade.linkMail(for: second) != nil)
    }

    @Test("is not quiet for an account that has proved it, nor for one that an administrator makes")
    func notForOwners() async throws {
        scene.work.arrange { [address, clock = scene.clock] in
            $0.quietAddresses[address.key] = clock.now + MailAllowance.quietTime
        }
        let owner = try scene.add()
        let reset = scene.addLink(for: owner, purpose: .reset)
        #expect(try await scene.facade.linkMail(for: reset.token.id) != nil)

        scene.work.arrange { $0.accounts = [:] }
        _ = try await scene.manageUsers.create(
            CreateUserCommand(
                id: UserID(SequentialIdentifiers.identifier(500)), email: address, password: nil, username: nil,
                firstName: nil, lastName: nil, locale: nil, isVerified: false, actor: scene.actor))
        let invited = try #require(scene.work.store.events(of: PasswordResetRequested.self).last)
        #expect(try await scene.facade.linkMail(for: invited.validationID) != nil)
    }
}
