import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Making an account for somebody")
struct CreateUserTests {
    private let scene = AccountsScene()

    private func create(
        _ password: String?, isVerified: Bool = false, id: UserID = UserID(SequentialIdentifiers.identifier(500))
    ) async throws -> CreateUserOutcome {
        try await scene.manageUsers.create(
            CreateUserCommand(
                id: id, email: try #require(EmailAddress("ana@example.com")), password: password.map { Secret($0) },
                username: "ana", firstName: "Ana", lastName: "Lima", locale: "id", isVerified: isVerified,
                actor: scene.actor))
    }

    @Test("the same account again is the answer as it is, and another under its address is refused")
    func sameAgain() async throws {
        let first = try await create(AccountsScene.password)
        #expect(try await create(AccountsScene.password) == first)
        #expect(scene.work.store.auditTrail.map(\.entry.action) == ["user.created"])
        let other = UserID(SequentialIdentifiers.identifier(501))
        #expect(try await create(AccountsScene.password, id: other) == .emailTaken)
    }

    @Test(
        "a verified address takes the place of an account that nobody has proved, and of no other",
        arguments: [true, false])
    func claim(_ isVerified: Bool) async throws {
        let squatter = try scene.add(isVerified: false)
        guard isVerified else {
            return #expect(try await create(AccountsScene.password) == .emailTaken)
        }
        guard case .created(let record) = try await create(AccountsScene.password, isVerified: true) else {
            return #expect(Bool(false))
        }
        let store = scene.work.store
        #expect(store.accounts.keys.map { $0 } == [record.id] && record.id != squatter.id)
        #expect(store.events(of: UserDeleted.self).map(\.userID) == [squatter.id])
        let other = UserID(SequentialIdentifiers.identifier(501))
        #expect(try await create(AccountsScene.password, isVerified: true, id: other) == .emailTaken)
        guard case .created(record) = try await create(AccountsScene.password, isVerified: true) else {
            return #expect(Bool(false))
        }
    }

    @Test("it has what was said, and not from where the administrator came")
    func creates() async throws {
        guard case .created(let record) = try await create(AccountsScene.password, isVerified: true) else {
            return #expect(Bool(false))
        }
        let account = try #require(scene.work.store.account("ana@example.com"))
        #expect(try await scene.administration.find(account.user.id) == record)
        #expect(account.user.passwordHash == PasswordHasherDouble.hash(of: AccountsScene.password))
        #expect(account.user.isVerified && account.user.isActive && account.user.role == nil)
        #expect(account.user.username == "ana" && account.user.locale == "id")
        #expect(account.profile == Profile(firstName: "Ana", lastName: "Lima"))
        #expect(account.user.registeredFrom == nil)
        #expect(scene.work.store.auditLines == ["done user.created"])
        #expect(scene.work.store.audit.first?.subject == "user:\(record.id)")
    }

    @Test("a password and a vouched address need no mail")
    func noMail() async throws {
        _ = try await create(AccountsScene.password, isVerified: true)
        #expect(scene.work.store.validations.isEmpty)
        #expect(scene.work.store.eventTypes == ["user.created"])
        #expect(try await scene.signIn().signedIn != nil)
    }

    @Test("an unverified account with a password gets the ordinary verification, and keeps the password")
    func verification() async throws {
        _ = try await create(AccountsScene.password)
        let created = try #require(scene.work.store.events(of: UserCreated.self).first)
        let validationID = try #require(created.validationID)
        let link = try #require(scene.work.store.validations[validationID])
        #expect(link.purpose == .verify)
        #expect(link.expiresAt == scene.clock.now + AccountsScene.validationLifetime)
        #expect(try await scene.signIn().obstacle == .notVerified)
        _ = try await scene.verifyEmail(scene.signer.text(of: link), client: AccountsScene.client)
        #expect(try await scene.signIn().signedIn != nil)
    }

    @Test("without a password the ordinary link sets one, and proves the address", arguments: [true, false])
    func withoutPassword(_ isVerified: Bool) async throws {
        _ = try await create(nil, isVerified: isVerified)
        #expect(scene.hasher.calls.isEmpty)
        let store = scene.work.store
        #expect(store.eventTypes == ["user.created", "user.password_reset_requested"])
        #expect(store.events(of: UserCreated.self).first?.validationID == nil)
        let requested = try #require(store.events(of: PasswordResetRequested.self).first)
        let link = try #require(store.validations[requested.validationID])
        #expect(link.expiresAt == scene.clock.now + AccountsScene.linkLifetime)
        #expect(
            try await scene.facade.linkMail(for: link.id)?.link
                == scene.links.newPassword(token: scene.signer.text(of: link)))
        let outcome = try await scene.resetPassword(
            scene.signer.text(of: link), password: try Password(normalized: AccountsScene.password, for: nil),
            client: AccountsScene.client)
        guard case .changed = outcome else { return #expect(Bool(false), "\(outcome)") }
        #expect(try await scene.signIn().signedIn != nil)
    }

    @Test("a taken address costs no hash and leaves nothing, also if it is taken meanwhile")
    func taken() async throws {
        let scene = scene
        scene.hasher.meanwhile { try scene.add() }
        #expect(try await create(AccountsScene.password) == .emailTaken)
        #expect(try await create(AccountsScene.password) == .emailTaken)
        #expect(scene.hasher.calls == [.hash])
        #expect(scene.work.store.accounts.count == 1)
        #expect(scene.work.store.audit.isEmpty && scene.work.store.events.isEmpty)
    }

    @Test(
        "a weak password is refused",
        arguments: [
            ("short", PasswordWeakness.tooShort), (PasswordPolicyDouble.common, .common),
            ("ANA@example.com", .sameAsAddress), (String(repeating: "a", count: 257), .tooLong),
        ])
    func weak(_ password: String, _ weakness: PasswordWeakness) async throws {
        #expect(try await create(password) == .weakPassword(weakness))
        #expect(scene.work.store.accounts.isEmpty && scene.hasher.calls.isEmpty)
    }
}

@Suite("Changing somebody's account")
struct UpdateUserTests {
    private let scene = AccountsScene()

    @Test("what is set is changed, what is cleared is gone, the rest stays")
    func edits() async throws {
        let user = try scene.add { $0.username = "ana" }
        scene.work.arrange { $0.accounts[user.id]?.profile = Profile(firstName: "Ana", lastName: "Lima", image: "i") }
        scene.clock.advance(by: .seconds(1))
        let outcome = try await scene.manageUsers.update(
            UpdateUserCommand(
                id: user.id, username: .clear, firstName: .set("Anna"), locale: "ru", actor: scene.actor))
        let account = try #require(scene.work.store.accounts[user.id])
        #expect(account.user.username == nil && account.user.locale == "ru")
        #expect(account.profile == Profile(firstName: "Anna", lastName: "Lima", image: "i"))
        #expect(account.user.updatedAt == scene.clock.now)
        #expect(outcome == .done(try #require(try await scene.administration.find(user.id))))
        #expect(scene.work.store.eventTypes == ["user.updated"])
        #expect(scene.work.store.auditLines == ["done user.updated"])
        // A name decides nothing.
        #expect(scene.work.store.revokedSubjects.isEmpty)
    }

    @Test("an update that changes nothing leaves no trace")
    func nothing() async throws {
        let user = try scene.add { $0.username = "ana" }
        scene.clock.advance(by: .seconds(1))
        _ = try await scene.manageUsers.update(
            UpdateUserCommand(id: user.id, username: .set("ana"), locale: "en", isActive: true, actor: scene.actor))
        #expect(scene.work.store.accounts[user.id]?.user == user)
        #expect(scene.work.store.audit.isEmpty && scene.work.store.events.isEmpty)
    }

    @Test("deactivating ends sessions and links; reactivating lets sign in again, and brings none of them back")
    func activity() async throws {
        let user = try scene.add()
        let mine = try await scene.signedIn()
        let link = try await scene.mailedLink()
        let refresh = mine.refreshToken.text
        for _ in 1...2 {
            _ = try await scene.manageUsers.update(
                UpdateUserCommand(id: user.id, isActive: false, actor: scene.actor))
        }
        #expect(try await scene.signIn().obstacle == .inactive)
        for _ in 1...2 {
            _ = try await scene.manageUsers.update(
                UpdateUserCommand(id: user.id, isActive: true, actor: scene.actor))
        }
        #expect(try await scene.signIn(link: link) == "invalid")
        #expect(try await scene.authenticate(accessToken: mine.accessToken.text.reveal()) == nil)
        #expect(try await scene.rotate(refresh, client: AccountsScene.client).signedIn == nil)
        #expect(try await scene.signIn().signedIn != nil)
        let store = scene.work.store
        #expect(store.events(of: UserDeactivated.self).count == 1)
        #expect(store.events(of: UserUpdated.self).count == 1)
        #expect(
            store.auditLines.filter { $0.contains("activated") } == ["done user.deactivated", "done user.reactivated"])
        #expect(store.revokedSubjects == [.session(mine.session.id), .user(user.id), .user(user.id)])
    }
}
