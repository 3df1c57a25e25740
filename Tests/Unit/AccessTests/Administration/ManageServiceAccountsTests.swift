import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import Shared
import TestSupport
import Testing

@Suite("Managing service accounts")
struct ManageServiceAccountsTests {
    private let scene = AdministrationScene()

    private func create(
        _ name: String = "backup", roles: [String] = [], by principal: Principal? = nil, id: UInt64 = 700
    ) async throws -> ServiceAccountOutcome {
        try await scene.manageServiceAccounts.create(
            CreateServiceAccountCommand(
                id: ServiceAccountID(SequentialIdentifiers.identifier(id)), name: name, roles: roles,
                principal: principal ?? scene.administrator()))
    }

    private func change(
        _ id: ServiceAccountID, name: String? = nil, roles: [String]? = nil, isActive: Bool? = nil,
        by principal: Principal? = nil
    ) async throws -> ServiceAccountOutcome {
        try await scene.manageServiceAccounts.change(
            ChangeServiceAccountCommand(
                id: id, name: name, roles: roles, isActive: isActive, principal: principal ?? scene.administrator()))
    }

    private func view(_ outcome: ServiceAccountOutcome) throws -> ServiceAccountView {
        guard case .done(let view) = outcome else { throw InternalFailure("not done: \(outcome)") }
        return view
    }

    @Test("one is made with its roles, once, and told to everybody")
    func creates() async throws {
        scene.role("reader", try AdministrationScene.set("documents:read"))
        scene.role("writer", try AdministrationScene.set("documents:write"))
        let made = try view(try await create(roles: ["writer", "reader", "writer"]))
        #expect(made.account.isActive && made.account.tenantID == nil && made.account.name == "backup")
        #expect(made.roles.map(\.name) == ["reader", "writer"])
        #expect(try await create("another", roles: ["writer", "reader"]) == .done(made))
        #expect(try await scene.manageServiceAccounts.find(made.account.id) == made)
        #expect(try await scene.manageServiceAccounts.list(PageRequest()).items == [made])
        let store = scene.work.store
        #expect(store.changes == [.user(made.account.id.value)])
        #expect(store.events(of: ServiceAccountChanged.self).map(\.serviceAccountID) == [made.account.id])
        #expect(store.auditTrail.map(\.entry.subject) == ["service_account:\(made.account.id)"])
        #expect(store.auditLines == ["done service_account.created"])
    }

    @Test("a name and roles that are none are told, and nothing is made")
    func invalid() async throws {
        for name in ["", String(repeating: "a", count: 101), "a\u{7}"] {
            guard case .invalid(let invalid) = try await create(name) else {
                Issue.record("not refused: \(name)")
                continue
            }
            #expect(invalid.problems.map(\.field) == ["name"])
        }
        guard case .invalid(let invalid) = try await create(roles: ["support", "nobody"]) else {
            Issue.record("not refused")
            return
        }
        #expect(invalid.problems.map(\.field) == ["roles[1]"])
        #expect(scene.work.store.serviceAccounts.isEmpty && scene.work.store.auditTrail.isEmpty)
    }

    @Test("nobody makes, changes or ends one that may do what they may not")
    func cover() async throws {
        let payer = scene.role("payer", try AdministrationScene.set("payroll:read"))
        let robot = scene.serviceAccount(roles: payer)
        let manager = scene.administrator(try AdministrationScene.set("service_accounts:*"))
        #expect(try await create(roles: ["payer"], by: manager) == .permissionDenied)
        #expect(try await create(roles: ["admin"], by: manager) == .permissionDenied)
        for (name, roles, isActive) in [("x", nil, nil), (nil, [], nil), (nil, nil, false)]
            as [(
                String?, [String]?, Bool?
            )]
        {
            let outcome = try await change(robot.id, name: name, roles: roles, isActive: isActive, by: manager)
            #expect(outcome == .permissionDenied)
        }
        #expect(try await scene.manageServiceAccounts.delete(robot.id, by: manager) == .permissionDenied)
        let other = scene.serviceAccount("other")
        #expect(try await change(other.id, roles: ["payer"], by: manager) == .permissionDenied)
        #expect(
            scene.work.store.auditLines.allSatisfy { $0.hasPrefix("refused ") && $0.hasSuffix("permission_denied") })
        #expect(scene.work.store.serviceAccountRoles[robot.id] == [payer.id])
        #expect(scene.work.store.serviceAccounts[robot.id] == robot && scene.meter.calls.isEmpty)
        let owner = scene.administrator(try AdministrationScene.set("service_accounts:*", "payroll:read"))
        _ = try view(try await change(robot.id, roles: [], by: owner))
        _ = try view(try await create(roles: ["payer"], by: owner))
    }

    @Test("what is absent stays, and the same again changes nothing")
    func changes() async throws {
        let reader = scene.role("reader", try AdministrationScene.set("documents:read"))
        let robot = scene.serviceAccount(roles: reader)
        scene.clock.advance(by: .seconds(1))
        let off = try view(try await change(robot.id, isActive: false))
        #expect(!off.account.isActive && off.account.name == robot.name && off.roles == [reader])
        #expect(off.account.updatedAt == scene.now && off.account.createdAt == robot.createdAt)
        #expect(try view(try await change(robot.id, isActive: false)) == off)
        #expect(try view(try await change(robot.id, roles: ["reader"])) == off)
        let renamed = try view(try await change(robot.id, name: "other", roles: []))
        #expect(renamed.account.name == "other" && renamed.roles.isEmpty)
        #expect(scene.work.store.changes == [.user(robot.id.value), .user(robot.id.value)])
        #expect(scene.work.store.auditLines == Array(repeating: "done service_account.changed", count: 2))
        let nobody: ServiceAccountID = scene.identifiers.next()
        #expect(try await change(nobody, name: "x") == .unknown)
        #expect(try await scene.manageServiceAccounts.find(nobody) == nil)
    }

    @Test("a role that a service account has is not removed")
    func holdsRoles() async throws {
        let reader = scene.role("reader", try AdministrationScene.set("documents:read"))
        let robot = scene.serviceAccount(roles: reader)
        #expect(try await scene.manageRoles.delete(reader.id, by: scene.administrator()) == .refused(.inUse))
        _ = try view(try await change(robot.id, roles: []))
        #expect(try await scene.manageRoles.delete(reader.id, by: scene.administrator()) == .done(reader))
    }

    @Test("with it go its keys, its plan and its counts, and a second time it is not there")
    func deletes() async throws {
        let robot = scene.serviceAccount()
        let key = APIKey(
            id: scene.identifiers.next(), name: "k", prefix: APIKeyText(random: SeededRandom(seed: 3)).prefix,
            hash: [1], owner: .serviceAccount(robot.id), services: .none, scopes: .empty, createdAt: scene.now,
            expiresAt: nil)
        let subject = EntitlementSubject.serviceAccount(robot.id)
        scene.work.arrange { store in
            store.apiKeys[key.id] = key
            store.keyUses[KeyUse.Place(key.id, at: scene.now)] = 4
            store.entitlements[subject] = Entitlement(
                id: scene.identifiers.next(), subject: subject, grant: EntitlementGrant(plan: .pro, since: scene.now),
                version: 1, updatedAt: scene.now)
        }
        _ = try view(try await scene.manageServiceAccounts.delete(robot.id, by: scene.administrator()))
        let store = scene.work.store
        #expect(store.serviceAccounts.isEmpty && store.entitlements.isEmpty && store.keyUses.isEmpty)
        #expect(store.apiKeys[key.id]?.revokedAt == scene.now)
        let revoked = store.events(of: APIKeyRevoked.self)
        #expect(revoked.map(\.reason) == ["owner_deleted"] && revoked.map(\.serviceAccountID) == [robot.id])
        #expect(scene.meter.resets == [.serviceAccount(robot.id)])
        #expect(
            Set(store.changes) == [
                .apiKey(key.id), .user(robot.id.value), .usage(.serviceAccount(robot.id)),
            ])
        #expect(store.auditLines == ["done api_key.revoked", "done service_account.deleted"])
        #expect(try await scene.manageServiceAccounts.delete(robot.id, by: scene.administrator()) == .unknown)
    }
}
