import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import Shared
import TestSupport
import Testing

@Suite("Keys of the version before")
struct AdoptAPIKeysTests {
    private let scene = AdministrationScene()

    private func key(_ number: UInt64, _ owner: APIKey.Owner, revokedAt: Timestamp? = nil) throws -> APIKey {
        APIKey(
            id: APIKeyID(SequentialIdentifiers.identifier(number)), name: "key",
            prefix: APIKeyText(random: SeededRandom(seed: number)).prefix, hash: [1], owner: owner,
            services: owner == .platform ? KeyServices([], listsEvery: true) : .none, scopes: .empty,
            createdAt: scene.now, expiresAt: nil, revokedAt: revokedAt)
    }

    @Test("their kind is written once, and the owners of those that open nothing hear of it")
    func adopts() async throws {
        let ana = SequentialIdentifiers.identifier(700)
        let keys = [
            try key(1, .user(ana, in: nil)), try key(2, .platform),
            try key(3, .user(ana, in: nil), revokedAt: scene.now),
        ]
        scene.work.arrange { store in
            for key in keys { store.apiKeys[key.id] = key }
            store.keysWithoutKind = Set(keys.map(\.id))
        }
        let adopt = AdoptAPIKeysService(work: scene.work, clock: scene.clock)
        #expect(try await adopt() == 1)
        let store = scene.work.store
        #expect(store.keysWithoutKind.isEmpty && store.changes == keys.map { .apiKey($0.id) })
        #expect(store.events(of: APIKeyServicesNeeded.self).map(\.apiKeyID) == [keys[0].id])
        #expect(try await adopt() == 1)
        #expect(scene.work.store.events.count == 1)
    }
}
