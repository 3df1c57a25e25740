import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Administrators' work on accounts")
struct UserAdministrationTests {
    private let scene = AccountsScene()

    @Test("an account is found as administrators see it, without its password")
    func finds() async throws {
        let user = try scene.add { $0.username = "ana" }
        scene.work.arrange { $0.accounts[user.id]?.profile = Profile(firstName: "Ana", lastName: "Lima", image: "i") }
        let record = try #require(try await scene.administration.find(user.id))
        #expect(record.id == user.id)
        #expect(record.standing == user.standing)
        #expect([record.username, record.firstName, record.lastName, record.image] == ["ana", "Ana", "Lima", "i"])
        #expect(record.locale == "en" && record.provider == "local")
        #expect(record.createdAt == user.createdAt && record.updatedAt == user.updatedAt)
        #expect(try await scene.administration.find(scene.identifiers.next()) == nil)
    }

    @Test("a search gives pages, the newest first, and ends")
    func pages() async throws {
        let users = try (1...5).map { try scene.add("user\($0)@example.com") }
        var (found, last): ([UserID], NewestFirst?) = ([], nil)
        repeat {
            let page = try await scene.manageUsers.search(UserFilter(), PageRequest(limit: 2, after: last))
            found += page.items.map(\.id)
            last = page.next
        } while last != nil
        #expect(found == users.map(\.id).reversed())
    }

    @Test("somebody is made an administrator and unmade, each with a line and an event, once")
    func administrators() async throws {
        try scene.add("root@example.com") { $0.role = .admin }
        let user = try scene.add()
        for isAdministrator in [true, false] {
            scene.clock.advance(by: .seconds(1))
            for _ in 1...2 {
                let outcome = try await scene.administration.setAdministrator(
                    isAdministrator, of: user.id, by: scene.actor)
                guard case .set(let record) = outcome else { return #expect(Bool(false), "\(outcome)") }
                #expect(record.standing.isAdministrator == isAdministrator)
                #expect(record.updatedAt == scene.clock.now)
            }
        }
        let store = scene.work.store
        #expect(store.auditLines == ["done administrator.appointed", "done administrator.dismissed"])
        #expect(store.events(of: UserUpdated.self).map(\.userID) == [user.id, user.id])
        #expect(store.revokedSubjects == [.user(user.id), .user(user.id)])
    }

    @Test("nothing is done to somebody who is not there")
    func unknown() async throws {
        let id: UserID = scene.identifiers.next()
        let administration = scene.administration
        let actor = scene.actor
        #expect(
            try await scene.manageUsers.update(UpdateUserCommand(id: id, isActive: false, actor: actor)) == .unknown)
        #expect(try await scene.manageUsers.delete(id, by: actor) == .unknown)
        #expect(try await scene.manageUsers.block(BlockUserCommand(id: id, reason: "spam", actor: actor)) == .unknown)
        #expect(try await scene.manageUsers.unblock(id, by: actor) == .unknown)
        #expect(try await administration.setAdministrator(true, of: id, by: actor) == .unknownUser)
        #expect(try await scene.manageUsers.sessions(of: id, PageRequest()) == nil)
        #expect(try await scene.manageUsers.endSession(scene.identifiers.next(), of: id, by: actor) == .unknown)
        #expect(try await scene.manageUsers.endSessions(of: id, by: actor) == .unknown)
        #expect(scene.work.store.audit.isEmpty && scene.work.store.events.isEmpty)
    }

    @Test("deleting is erasing; the line says who did it")
    func deletes() async throws {
        let user = try scene.add()
        let mine = try await scene.signedIn()
        #expect(try await scene.manageUsers.delete(user.id, by: scene.actor) == .ended)
        let store = scene.work.store
        #expect(store.accounts.isEmpty && store.sessions.isEmpty)
        #expect(store.events(of: UserDeleted.self).map(\.userID) == [user.id])
        #expect(store.events(of: SessionRevoked.self).map(\.reason) == ["erased"])
        #expect(store.revokedSubjects == [.session(mine.session.id), .user(user.id)])
        let line = try #require(store.audit.last)
        #expect(line.action == "user.erased")
        #expect(line.actor == "user:\(scene.administratorID)")
        #expect(line.personal == AccountsScene.administratorClient.personal)
        // What the log knew of the person himself is forgotten.
        #expect(store.audit.dropLast().allSatisfy { $0.personal.isEmpty })
    }

    @Test("the living sessions are listed, the newest first, and ended one by one or all")
    func sessions() async throws {
        let user = try scene.add()
        try scene.add("other@example.com")
        let foreign = try #require(try await scene.signIn("other@example.com").signedIn).session.id
        var mine: [SessionID] = []
        for _ in 1...3 {
            scene.clock.advance(by: .seconds(1))
            mine.append(try await scene.signedIn().session.id)
        }
        #expect(try await scene.manageUsers.sessions(of: user.id, PageRequest())?.items.map(\.id) == mine.reversed())
        #expect(try await scene.manageUsers.endSession(foreign, of: user.id, by: scene.actor) == .unknown)
        #expect(try await scene.manageUsers.endSession(mine[0], of: user.id, by: scene.actor) == .ended)
        #expect(try await scene.manageUsers.endSession(mine[0], of: user.id, by: scene.actor) == .unknown)
        #expect(try await scene.manageUsers.endSessions(of: user.id, by: scene.actor) == .ended)
        #expect(try await scene.manageUsers.endSessions(of: user.id, by: scene.actor) == .ended)
        let store = scene.work.store
        #expect(
            store.events(of: SessionRevoked.self).map(\.reason) == Array(repeating: "ended_by_administrator", count: 3))
        #expect(Set(store.revokedSubjects) == Set(mine.map { .session($0) }))
        #expect(store.sessions[foreign]?.revokedAt == nil)
        let lines = store.audit.filter { $0.action == "session.revoked" }
        #expect(lines.allSatisfy { $0.actor == "user:\(scene.administratorID)" && !$0.personal.isEmpty })
    }

    @Test("a key's doing names the key and nothing that could not be found to be forgotten")
    func apiKey() async throws {
        let user = try scene.add()
        _ = try await scene.signedIn()
        let key = Principal(
            .apiKey(SequentialIdentifiers.identifier(901), prefix: "gpk_abc"), of: user.id.value, permissions: .all,
            client: AccountsScene.administratorClient)
        _ = try await scene.manageUsers.block(BlockUserCommand(id: user.id, reason: "spam", actor: key))
        let lines = scene.work.store.audit.filter { $0.actor == "api_key:gpk_abc" }
        #expect(lines.map(\.action) == ["session.revoked", "user.blocked"])
        #expect(lines.allSatisfy { $0.personal.isEmpty })
    }

    @Test("the person's own export does not tell from where an administrator came")
    func export() async throws {
        let user = try scene.add()
        _ = try await scene.manageUsers.update(
            UpdateUserCommand(id: user.id, username: .set("ana"), actor: scene.actor))
        let mine = try await scene.signedIn()
        try await scene.end(mine)
        let export = try #require(try await scene.personalData.export(mine.caller))
        let told = Dictionary(uniqueKeysWithValues: export.auditTrail.map { ($0.action, $0.personal) })
        #expect(told["user.updated"] == [:])
        #expect(told["session.opened"] == AccountsScene.client.personal)
        #expect(scene.work.store.audit.first?.personal == AccountsScene.administratorClient.personal)
    }
}

@Suite("The last administrator")
struct LastAdministratorTests {
    private let scene = AccountsScene()

    enum Going: String, CaseIterable, Sendable {
        case dismissed, deleted, deactivated, blocked, deactivatesHimself, erasesHimself
    }

    enum Other: CaseIterable, Sendable {
        case none, ordinary, inactive, unverified, blocked
    }

    @Test(
        "stays while no other could act, however he would go", arguments: Going.allCases, Other.allCases)
    func stays(_ going: Going, _ other: Other) async throws {
        let user = try scene.add { $0.role = .admin }
        let mine = try await scene.signedIn()
        if other != .none { try scene.add("other@example.com") { arrange(&$0, as: other) } }
        let before = scene.work.store
        #expect(try await isRefused(going, user, mine.caller))
        let after = scene.work.store
        #expect(after.accounts == before.accounts)
        #expect(after.auditLines == before.auditLines && after.eventTypes == before.eventTypes)
    }

    @Test("goes when there is another who can act, even one whose block is over", arguments: Going.allCases)
    func goes(_ going: Going) async throws {
        let user = try scene.add { $0.role = .admin }
        let mine = try await scene.signedIn()
        let now = scene.clock.now
        try scene.add("other@example.com") {
            $0.role = .admin; $0.block = UserBlock(reason: "spam", until: now)
        }
        #expect(try await isRefused(going, user, mine.caller) == false)
        #expect(
            scene.work.store.accounts[user.id].map { $0.user.signInObstacle(at: now) == nil && $0.user.role == .admin }
                != true)
    }

    private func arrange(_ user: inout User, as other: Other) {
        user.role = other == .ordinary ? nil : .admin
        user.isActive = other != .inactive
        user.isVerified = other != .unverified
        if other == .blocked { user.block = UserBlock(reason: "spam", until: nil) }
    }

    private func isRefused(_ going: Going, _ user: User, _ caller: SessionCaller) async throws -> Bool {
        let administration = scene.administration
        return switch going {
        case .dismissed:
            try await administration.setAdministrator(false, of: user.id, by: scene.actor) == .lastAdministrator
        case .deleted: try await scene.manageUsers.delete(user.id, by: scene.actor) == .lastAdministrator
        case .deactivated:
            try await scene.manageUsers.update(
                UpdateUserCommand(id: user.id, username: .set("root"), isActive: false, actor: scene.actor))
                == .lastAdministrator
        case .blocked:
            try await scene.manageUsers.block(BlockUserCommand(id: user.id, reason: "spam", actor: scene.actor))
                == .lastAdministrator
        case .deactivatesHimself:
            try await scene.manageAccount.deactivate(
                DeactivateAccountCommand(
                    caller: caller, proof: .password(Secret(AccountsScene.password)), client: AccountsScene.client))
                == .lastAdministrator
        case .erasesHimself:
            try await scene.personalData.erase(
                EraseAccountCommand(
                    caller: caller, proof: .password(Secret(AccountsScene.password)), client: AccountsScene.client))
                == .lastAdministrator
        }
    }
}

extension AccountsScene {
    static let administratorClient = ClientInfo(address: NetworkAddress(ipv4: 0xC633_6401), userAgent: "Admin/1")

    /// Nobody looks him up.
    var administratorID: UserID { UserID(SequentialIdentifiers.identifier(900_000)) }
    var actor: Principal {
        Principal(
            .session(SequentialIdentifiers.identifier(900_001)), of: administratorID.value, permissions: .all,
            client: Self.administratorClient)
    }
}
