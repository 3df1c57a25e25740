import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Registering")
struct RegisterUserTests {
    private let scene = AccountsScene()

    @Test("makes an account that is a claim until its address is proved")
    func registers() async throws {
        let profile = Profile(firstName: "Ana", lastName: "Lima")
        let outcome = try await scene.register(try scene.registration("Ana@Example.com", profile: profile))

        let account = try #require(scene.work.store.account("ana@example.com"))
        #expect(outcome == .registered(account))
        #expect(account.user.email.text == "Ana@Example.com")
        #expect(!account.user.isVerified)
        #expect(account.user.isActive)
        #expect(account.user.role == nil)
        #expect(account.user.username == "ana")
        #expect(account.user.registeredFrom == AccountsScene.client.address)
        #expect(account.profile == profile)
    }

    @Test("stores the hash and never the password")
    func storesHash() async throws {
        _ = try await scene.register(try scene.registration())
        let user = try #require(scene.work.store.account("ana@example.com")?.user)
        #expect(user.passwordHash == PasswordHasherDouble.hash(of: AccountsScene.password))
        #expect(!String(reflecting: scene.work.store).contains(AccountsScene.password))
    }

    @Test("publishes the proof to be mailed, and writes the audit log")
    func publishes() async throws {
        _ = try await scene.register(try scene.registration())
        let store = scene.work.store
        let validation = try #require(store.validations.values.first)
        let user = try #require(store.account("ana@example.com")?.user)
        #expect(validation.purpose == .verify)
        #expect(validation.userID == user.id)
        #expect(validation.address == user.email)
        #expect(validation.expiresAt == scene.clock.now + AccountsScene.validationLifetime)
        let created = store.events(of: UserCreated.self)
        #expect(created.map(\.userID) == [user.id])
        #expect(created.map(\.validationID) == [validation.id])
        #expect(store.auditLines == ["done user.registered"])
        #expect(store.audit.first?.personal == AccountsScene.client.personal)
    }

    private var privately: RegisterUserService {
        RegisterUserService(
            work: scene.work, hasher: scene.hasher, clock: scene.clock, identifiers: scene.identifiers,
            validationLifetime: AccountsScene.validationLifetime, isPrivate: true)
    }

    @Test("where nobody may find out, a taken address costs a hash like any other, and its owner hears of it")
    func takenPrivately() async throws {
        let owner = try scene.add("ana@example.com")
        #expect(try await privately(try scene.registration("ANA@example.com")) == .emailTaken)
        #expect(scene.hasher.calls.count == 1)
        let store = scene.work.store
        #expect(store.accounts.count == 1 && store.validations.isEmpty)
        #expect(store.events(of: UserRegistrationRepeated.self).map(\.userID) == [owner.id])
    }

    @Test("where nobody may find out, whoever registers an address that waits for its proof gets that mail again")
    func claimedPrivately() async throws {
        let claim = try scene.add("ana@example.com", isVerified: false)
        #expect(try await privately(try scene.registration()) == .emailTaken)
        let store = scene.work.store
        #expect(store.events(of: UserVerificationRequested.self).map(\.userID) == [claim.id])
        #expect(store.events(of: UserRegistrationRepeated.self).isEmpty)
        // As often as by asking for it.
        #expect(try await privately(try scene.registration()) == .emailTaken)
        #expect(scene.work.store.events(of: UserVerificationRequested.self).count == 1)
    }

    @Test("the language of an account is that of its registration")
    func language() async throws {
        let command = RegisterUserCommand(
            id: scene.identifiers.next(), email: EmailAddress("ana@example.com")!,
            password: try Password(normalized: AccountsScene.password, for: nil), locale: "id",
            client: AccountsScene.client)
        _ = try await scene.register(command)
        #expect(scene.work.store.account("ana@example.com")?.user.locale == "id")
    }

    @Test("a taken address, in any case, is refused before a hash is spent on it")
    func taken() async throws {
        try scene.add("ana@example.com")
        let outcome = try await scene.register(try scene.registration("ANA@example.com"))
        #expect(outcome == .emailTaken)
        #expect(scene.hasher.calls.isEmpty)
        #expect(scene.work.store.events.isEmpty)
    }

    @Test("an address that somebody takes while the hash is computed is refused and leaves nothing")
    func takenMeanwhile() async throws {
        let scene = scene
        scene.hasher.meanwhile { try scene.add("ana@example.com", password: "the other one") }
        let outcome = try await scene.register(try scene.registration())
        #expect(outcome == .emailTaken)
        let store = scene.work.store
        #expect(store.accounts.count == 1)
        #expect(store.account("ana@example.com")?.user.passwordHash == PasswordHasherDouble.hash(of: "the other one"))
        #expect(store.validations.isEmpty)
        #expect(store.events.isEmpty)
        #expect(store.audit.isEmpty)
    }

    @Test("an address that is taken between reading and writing is refused")
    func takenBeforeWrite() async throws {
        let scene = scene
        scene.work.beforeNextWrite { try scene.add("ana@example.com") }
        let outcome = try await scene.register(try scene.registration())
        #expect(outcome == .emailTaken)
        #expect(scene.work.store.accounts.count == 1)
    }

    @Test("a full hashing queue fails and leaves nothing")
    func hashingUnavailable() async throws {
        scene.hasher.meanwhile { throw Unavailable("password_hashing", reason: "the queue is full") }
        let command = try scene.registration()
        await #expect(throws: Unavailable.self) { try await scene.register(command) }
        #expect(scene.work.store.accounts.isEmpty)
        #expect(scene.work.store.audit.isEmpty)
    }

    @Test("a registration that is run again answers with the account, and leaves nothing more")
    func runAgain() async throws {
        let command = try scene.registration()
        let first = try await scene.register(command)
        let hashes = scene.hasher.calls.count
        #expect(try await scene.register(command) == first)
        #expect(scene.hasher.calls.count == hashes)
        let store = scene.work.store
        #expect(store.accounts.keys.map { $0 } == [command.id])
        #expect(store.validations.count == 1)
        #expect(store.events.count == 1)
        #expect(store.audit.count == 1)
    }

    @Test("a registration that another run of it overtakes answers with the account of that one")
    func overtaken() async throws {
        let scene = scene
        let command = try scene.registration()
        let account = Account(
            user: User(
                id: command.id, email: command.email, username: nil, passwordHash: nil, registeredFrom: nil,
                createdAt: scene.clock.now, updatedAt: scene.clock.now),
            profile: Profile())
        scene.work.beforeNextWrite { scene.work.arrange { $0.accounts[command.id] = account } }
        #expect(try await scene.register(command) == .registered(account))
        #expect(scene.work.store.events.isEmpty)
    }

    @Test("a registration whose account has another address by now still answers with it")
    func addressChanged() async throws {
        let command = try scene.registration()
        _ = try await scene.register(command)
        let other = try #require(EmailAddress("other@example.com"))
        scene.work.arrange { $0.accounts[command.id]?.user.email = other }
        guard case .registered(let account) = try await scene.register(command) else {
            Issue.record("it is not the account")
            return
        }
        #expect(account.user.email == other)
        #expect(scene.work.store.accounts.count == 1)
    }
}
