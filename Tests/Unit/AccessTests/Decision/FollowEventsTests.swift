import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import Messaging
import Shared
import TestSupport
import Testing

@Suite("Events of other modules")
struct FollowEventsTests {
    private let scene = DecisionScene()
    private let work = InMemoryAccessWork()

    private func state(_ version: Int64, plan: String = "pro", isPastDue: Bool = false) -> SubscriptionState {
        SubscriptionState(
            holder: .user(DecisionScene.ana), plan: plan, since: scene.clock.now, until: nil, isPastDue: isPastDue,
            version: version)
    }

    private func follow(_ state: SubscriptionState, _ event: UInt64) async throws {
        try await FollowSubscriptionService(work: work, clock: scene.clock, identifiers: scene.identifiers)(
            state, eventID: SequentialIdentifiers.identifier(event))
    }

    private var entitlement: Entitlement? { work.store.entitlements[.user(DecisionScene.ana)] }

    @Test("a subscription's state becomes the entitlement, and every process hears of it")
    func subscription() async throws {
        try await follow(state(1), 1)
        #expect(entitlement?.grant == EntitlementGrant(plan: .pro, since: scene.clock.now))
        #expect(work.store.changes == [.user(DecisionScene.ana)])
        try await follow(state(2, isPastDue: true), 2)
        #expect(entitlement?.grant.isPastDue == true && entitlement?.version == 2)
        #expect(work.store.auditLines == ["done entitlement.changed", "done entitlement.changed"])
    }

    @Test("events that come twice or late change nothing")
    func order() async throws {
        try await follow(state(5), 1)
        let first = entitlement
        try await follow(state(6), 1)
        try await follow(state(5, plan: "free"), 2)
        try await follow(state(4, plan: "free"), 3)
        #expect(entitlement == first && work.store.changes.count == 1)
    }

    @Test("a plan's code that is none is a failure")
    func badPlan() async throws {
        await #expect(throws: InternalFailure.self) { try await follow(state(1, plan: "No Plan"), 1) }
    }

    @Test("what is told is read as it was written")
    func coding() throws {
        let states = [
            state(1),
            SubscriptionState(
                holder: .tenant(DecisionScene.tenant), plan: "enterprise", since: scene.clock.now,
                until: scene.clock.now + .seconds(60), isPastDue: true, version: 9),
            SubscriptionState(
                holder: .serviceAccount(ServiceAccountID(SequentialIdentifiers.identifier(950))), plan: "pro",
                since: scene.clock.now, until: nil, isPastDue: false, version: 3),
        ]
        for state in states {
            let again = try EventCoding.decode(SubscriptionState.self, from: EventCoding.encode(state))
            #expect(again == state)
        }
    }

    @Test("with an account its keys, roles, plan and counts go, once")
    func deletion() async throws {
        let key = try scene.addKey(scopes: ["one:use"])
        let other = APIKey(
            id: APIKeyID(SequentialIdentifiers.identifier(601)), name: "other",
            prefix: try #require(APIKeyPrefix("9876543210")), hash: [], owner: .platform, services: .none,
            scopes: .empty, createdAt: scene.clock.now, expiresAt: nil)
        work.arrange { store in
            store.apiKeys = [key.id: key, other.id: other]
            store.keyUses = [KeyUse.Place(key.id, at: scene.clock.now): 3]
            if let support = BuiltInRole.support.platformID { store.userRoles[DecisionScene.ana] = [support] }
        }
        try await follow(state(1), 1)
        let service = FollowUserDeletionService(work: work, meter: scene.meter, clock: scene.clock)
        for _ in 0..<2 { try await service(DecisionScene.ana, eventID: SequentialIdentifiers.identifier(2)) }
        let store = work.store
        #expect(store.entitlements.isEmpty && store.userRoles[DecisionScene.ana] == [])
        #expect(store.apiKeys[key.id]?.revokedAt == scene.clock.now && store.apiKeys[other.id] == other)
        #expect(store.apiKeys[key.id]?.name == "" && store.keyUses.isEmpty)
        #expect(
            store.changes.dropFirst() == [
                .apiKey(key.id), .user(DecisionScene.ana), .usage(.user(DecisionScene.ana)),
            ])
        guard case .reset(.user(DecisionScene.ana))? = scene.meter.calls.first else {
            throw InternalFailure("no reset")
        }
        #expect(store.events(of: APIKeyRevoked.self).map(\.reason) == ["owner_deleted"])
    }
}
