import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import Shared
import TestSupport
import Testing

@Suite("What the gate holds about a person")
struct ExportAccessDataTests {
    private let scene = AdministrationScene()

    @Test("a person gets their roles, keys, plan and use, and nothing of anybody else")
    func export() async throws {
        let (ana, other) = (scene.identifiers.next(), scene.identifiers.next())
        let role = Role(
            id: scene.identifiers.next(), tenantID: nil, name: "editor", permissions: .empty, createdAt: scene.now,
            updatedAt: scene.now)
        let keys = try [ana, other].map { owner in
            APIKey(
                id: scene.identifiers.next(), name: "key", prefix: try #require(APIKeyPrefix("AbCdEfGh10")),
                hash: [UInt8](repeating: 7, count: 32), owner: .user(owner, in: nil), services: .none, scopes: .empty,
                createdAt: scene.now, expiresAt: nil)
        }
        let entitlement = Entitlement(
            id: scene.identifiers.next(), subject: .user(ana), grant: EntitlementGrant(plan: .pro, since: scene.now),
            version: 1, updatedAt: scene.now)
        scene.work.arrange { store in
            store.roles[role.id] = role
            store.userRoles = [ana: [role.id]]
            for key in keys {
                store.apiKeys[key.id] = key
                store.keyUses[KeyUse.Place(key.id, at: scene.now)] = 3
            }
            store.entitlements[entitlement.subject] = entitlement
        }
        let export = ExportAccessDataService(work: scene.work, usage: scene.usage, clock: scene.clock)
        let data = try await export(ana)
        #expect(data.roles == [role])
        #expect(data.apiKeys == [keys[0]])
        #expect(data.entitlement == entitlement)
        #expect(data.keyUses == [KeyUse(KeyUse.Place(keys[0].id, at: scene.now), used: 3)])
        #expect(scene.usage.questions.map(\.subject) == [.user(ana)])
        let nothing = try await export(scene.identifiers.next())
        #expect(nothing.roles.isEmpty && nothing.apiKeys.isEmpty && nothing.entitlement == nil)
    }
}
