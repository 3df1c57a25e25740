import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Importing users")
struct ImportUsersTests {
    private let scene = AccountsScene()

    private var importUsers: ImportUsersService {
        ImportUsersService(work: scene.work, clock: scene.clock, identifiers: scene.identifiers)
    }

    private func imported(_ email: String, isVerified: Bool = true) throws -> ImportedUser {
        ImportedUser(email: try #require(EmailAddress(email)), isVerified: isVerified)
    }

    @Test("makes each account as it was elsewhere")
    func whole() async throws {
        let createdAt = scene.clock.now - .seconds(86_400)
        let user = ImportedUser(
            email: try #require(EmailAddress("Ana@example.com")), passwordHash: Secret("$2b$old"), isVerified: true,
            username: "ana", profile: Profile(firstName: "Ana", lastName: "Maria"), locale: "id", createdAt: createdAt)
        #expect(try await importUsers([user], by: nil) == [.created])
        let account = try #require(scene.work.store.account("ana@example.com"))
        let expected = User(
            id: account.user.id, email: user.email, username: "ana", passwordHash: "$2b$old", isVerified: true,
            locale: "id", registeredFrom: nil, createdAt: createdAt, updatedAt: scene.clock.now)
        #expect(account == Account(user: expected, profile: user.profile))
        #expect(account.user.email.text == "Ana@example.com")
    }

    @Test("takes what registration takes where a line says nothing")
    func defaults() async throws {
        _ = try await importUsers([try imported("ana@example.com", isVerified: false)], by: nil)
        let user = try #require(scene.work.store.account("ana@example.com")).user
        #expect(user.passwordHash == nil)
        #expect(!user.isVerified)
        #expect(user.isActive)
        #expect(user.role == nil)
        #expect(user.provider == "local")
        #expect(user.locale == "en")
        #expect(user.createdAt == scene.clock.now)
    }

    @Test("tells each new account, and asks for no mail, verified or not")
    func events() async throws {
        _ = try await importUsers(
            [
                try imported("ana@example.com"), try imported("budi@example.com", isVerified: false),
            ], by: nil)
        let store = scene.work.store
        let ids = ["ana@example.com", "budi@example.com"].map { store.account($0)?.user.id }
        #expect(store.eventTypes == ["user.created", "user.created"])
        #expect(store.events(of: UserCreated.self).map { Optional($0.userID) } == ids)
        #expect(store.events(of: UserCreated.self).allSatisfy { $0.validationID == nil })
        #expect(store.validations.isEmpty)
    }

    @Test("leaves an account alone whose address is there, also from the same batch")
    func taken() async throws {
        let known = try scene.add("ana@example.com")
        let outcomes = try await importUsers(
            [
                try imported("ANA@example.com"), try imported("budi@example.com"), try imported("Budi@example.com"),
            ], by: nil)
        #expect(outcomes == [.emailTaken, .created, .emailTaken])
        #expect(scene.work.store.account("ana@example.com")?.user == known)
        #expect(scene.work.store.accounts.count == 2)
        #expect(scene.work.store.eventTypes == ["user.created"])
    }

    @Test("a line whose address was proved elsewhere takes the place of an account that nobody has proved")
    func claim() async throws {
        let squatter = try scene.add("ana@example.com", isVerified: false)
        let session = scene.arrangeSession(of: squatter)
        #expect(try await importUsers([try imported("ana@example.com", isVerified: false)], by: nil) == [.emailTaken])
        let line = try imported("ANA@example.com")
        #expect(try await importUsers([line], by: nil) == [.replacedClaim])
        let store = scene.work.store
        let owner = try #require(store.account("ana@example.com")?.user)
        #expect(owner.id != squatter.id && owner.isVerified && owner.passwordHash == nil)
        #expect(store.accounts.count == 1 && store.sessions[session.id] == nil)
        #expect(store.events(of: UserDeleted.self).map(\.userID) == [squatter.id])
        #expect(try await importUsers([line], by: nil) == [.emailTaken])
    }

    @Test("makes none of a batch whose unit of work fails")
    func atomic() async throws {
        scene.work.beforeNextWrite { throw Unavailable("database", reason: "the disk is full") }
        let user = try imported("ana@example.com")
        await #expect(throws: Unavailable.self) { try await importUsers([user], by: nil) }
        #expect(scene.work.store.accounts.isEmpty)
    }

    @Test("is one line in the audit log, however many batches follow")
    func audit() async throws {
        try await importUsers.begin(nil, by: nil)
        _ = try await importUsers([try imported("ana@example.com")], by: nil)
        _ = try await importUsers([try imported("budi@example.com")], by: nil)
        #expect(scene.work.store.auditLines == ["done users.import_started"])
        #expect(scene.work.store.audit.first?.actor == "system")
    }

    @Test("names the administrator beside each account that he brings, and beside none that was there")
    func administrator() async throws {
        try scene.add("ana@example.com")
        let users = [try imported("ana@example.com"), try imported("budi@example.com")]
        #expect(try await importUsers(users, by: scene.actor) == [.emailTaken, .created])
        let line = try #require(scene.work.store.audit.first)
        let id = try #require(scene.work.store.account("budi@example.com")).user.id
        #expect(scene.work.store.auditLines == ["done user.created"])
        #expect(line.subject == "user:\(id)" && line.actor != "system")
    }
}
