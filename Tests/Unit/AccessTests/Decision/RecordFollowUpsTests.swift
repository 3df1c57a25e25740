import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import Shared
import TestSupport
import Testing

@Suite("What decisions left to be done is done")
struct RecordFollowUpsTests {
    private let pending = PendingFollowUpsDouble()
    private let work = InMemoryAccessWork()
    private let meter = MeterDouble()
    private let clock = ManualClock()
    private let record: RecordFollowUpsService
    private let gone = Unavailable("database", reason: "gone")

    init() {
        record = RecordFollowUpsService(pending: pending, work: work, meter: meter, clock: clock)
    }

    private func decision(_ number: UInt64, _ denial: DenialReason? = .invalidCredential) -> Decision {
        Decision(
            id: DecisionID(SequentialIdentifiers.identifier(number)), denial: denial, caller: nil,
            decidedAt: clock.now)
    }

    private func merge(_ device: UInt64) -> DeviceMerge {
        DeviceMerge(device: SequentialIdentifiers.identifier(device), user: DecisionScene.ana, at: clock.now)
    }

    @Test("equal refusals are one line with the first sixteen decisions; one that allows is none")
    func refusals() async throws {
        let first = decision(1)
        pending.note { batch in
            batch.add(decision(99, nil), ServiceSlug("one"), from: .loopback)
            for number in 1...20 as ClosedRange<UInt64> {
                batch.add(decision(number), ServiceSlug("one"), from: .loopback)
            }
        }
        try await record()
        let line = try #require(work.store.auditTrail.first)
        #expect(work.store.auditTrail.count == 1 && line.count == 20)
        #expect(line.entry.reason == "invalid_credential" && line.entry.actor == "anonymous")
        #expect(line.entry.subject == "service:one" && line.entry.references.count == AuditEntry.referencesMax)
        #expect(line.entry.personal == ["decision_id": first.id.description, "address": "127.0.0.1"])
    }

    @Test("the use of a key is never written later than now, and a key that is gone holds nothing up")
    func uses() async throws {
        let key = try DecisionScene().addKey(scopes: [])
        work.arrange { $0.apiKeys[key.id] = key }
        pending.note { batch in
            batch.add(useOf: key.id, at: clock.now + .seconds(30))
            batch.add(useOf: APIKeyID(SequentialIdentifiers.identifier(1)), at: clock.now)
        }
        try await record()
        #expect(work.store.apiKeys[key.id]?.lastUsedAt == clock.now)
        #expect(!pending.pending.hasWrites && work.store.apiKeys.count == 1)
    }

    @Test("a store that is away keeps no merge from being done, and its writes wait")
    func storeAway() async throws {
        pending.note { batch in
            batch.add(decision(1), nil, from: .loopback)
            _ = batch.add(merge(1))
        }
        work.beforeNextWrite { [gone] in throw gone }
        await #expect(throws: Unavailable.self) { try await record() }
        #expect(meter.merged == [merge(1)] && work.store.auditTrail.isEmpty)
        #expect(pending.pending.refusals.count == 1 && pending.pending.merges.isEmpty)
        try await record()
        #expect(work.store.auditTrail.count == 1 && meter.merged.count == 1)
    }

    @Test("a merge that fails waits with those behind it, and the writes are done once")
    func meterAway() async throws {
        pending.note { batch in
            batch.add(decision(1), nil, from: .loopback)
            for device in [1, 2] as [UInt64] { _ = batch.add(merge(device)) }
        }
        meter.plan(mergeFailure: gone)
        await #expect(throws: Unavailable.self) { try await record() }
        #expect(pending.pending.merges == [merge(1), merge(2)] && !pending.pending.hasWrites)
        try await record()
        #expect(work.store.auditTrail.count == 1)
        #expect(meter.merged == [merge(1), merge(1), merge(2)])
    }

    @Test("what keys have used is added up by day, in parts, and what could not be written waits")
    func costs() async throws {
        let keys = try (1...700).map { try add(key: $0) }
        let tomorrow = clock.now + .seconds(86_400)
        pending.note { batch in
            for key in keys { batch.add(2, of: key, at: clock.now) }
            batch.add(3, of: keys[0], at: clock.now)
            batch.add(1, of: keys[0], at: tomorrow)
            batch.add(0, of: keys[1], at: clock.now)
        }
        // The second part fails; the first is written once.
        work.beforeNextWrite { [work, gone] in work.beforeNextWrite { throw gone } }
        await #expect(throws: Unavailable.self) { try await record() }
        let written = work.store.keyUses.count
        #expect(written == 500 && pending.pending.costs.count == 201)
        pending.note { $0.add(5, of: keys[699], at: clock.now) }
        try await record()
        #expect(pending.pending.costs.isEmpty && work.store.keyUses.count == 701)
        #expect(work.store.keyUses[KeyUse.Place(keys[0], at: clock.now)] == 5)
        #expect(work.store.keyUses[KeyUse.Place(keys[0], at: tomorrow)] == 1)
        #expect(work.store.keyUses[KeyUse.Place(keys[1], at: clock.now)] == 2)
        #expect(work.store.keyUses[KeyUse.Place(keys[699], at: clock.now)] == 7)
    }

    @Test("what a key used is not kept once it is revoked: its use is forgotten with its owner")
    func revokedKeys() async throws {
        let (open, revoked) = (try add(key: 1), try add(key: 2))
        work.arrange { [now = clock.now] in $0.apiKeys[revoked]?.revokedAt = now }
        pending.note { batch in
            for key in [open, revoked, APIKeyID(SequentialIdentifiers.identifier(3))] {
                batch.add(2, of: key, at: clock.now)
            }
        }
        try await record()
        #expect(pending.pending.costs.isEmpty)
        #expect(work.store.keyUses == [KeyUse.Place(open, at: clock.now): 2])
    }

    private func add(key number: Int) throws -> APIKeyID {
        let id = APIKeyID(SequentialIdentifiers.identifier(UInt64(number)))
        let key = APIKey(
            id: id, name: "key", prefix: try #require(APIKeyPrefix("\(9_876_500_000 + number)")), hash: [],
            owner: .platform, services: .none, scopes: .empty, createdAt: clock.now, expiresAt: nil)
        work.arrange { $0.apiKeys[id] = key }
        return id
    }

    @Test("a service account that was refused is named in the log, and found there again")
    func refusedServiceAccount() async throws {
        let id = ServiceAccountID(SequentialIdentifiers.identifier(950))
        let refused = Decision(
            id: DecisionID(SequentialIdentifiers.identifier(1)), denial: .accountBlocked,
            caller: Caller(serviceAccount: id, plan: .free), decidedAt: clock.now)
        pending.note { $0.add(refused, ServiceSlug("one"), from: .loopback) }
        try await record()
        let entry = try #require(work.store.auditTrail.first?.entry)
        #expect(entry.actor == "service_account:\(id)")
        let read = RefusalEntry.refusal(
            AuditRecord(
                id: SequentialIdentifiers.identifier(2), subject: entry.subject,
                entry: AuditTrailEntry(
                    time: clock.now, actor: entry.actor, action: entry.action, outcome: "refused",
                    reason: entry.reason, count: 1, personal: [:])))
        #expect(read?.serviceAccountID == id && read?.userID == nil)
    }

    @Test("what has no room is dropped and counted: events and uses; refusals become one line, merges come again")
    func bounds() throws {
        let slug = try #require(ServiceSlug("one"))
        var batch = FollowUpBatch()
        let limit = BindingLimit(policy: "day", limit: 1, used: 1, window: WindowUnit.day.window(at: clock.now))
        for number in 0..<UInt64(FollowUpBatch.kindMax) + 2 {
            batch.add(useOf: APIKeyID(SequentialIdentifiers.identifier(number)), at: clock.now)
            batch.add(decision(number), nil, from: NetworkAddress(ipv4: UInt32(number)))
            #expect(batch.add(merge(number)) == (number < UInt64(FollowUpBatch.kindMax)))
            batch.add(
                DrawOutcome.News(kind: .exhausted, limit: limit, isGlobal: true), of: .user(DecisionScene.ana),
                plan: .free, slug)
        }
        #expect(batch.uses.count == FollowUpBatch.kindMax && batch.events.count == FollowUpBatch.kindMax)
        #expect(batch.dropped == 4)
        #expect(batch.refusals.count == FollowUpBatch.kindMax + 1)
        #expect(batch.refusals[.crowd(.invalidCredential)]?.count == 2)
        var later = FollowUpBatch()
        later.add(useOf: APIKeyID(SequentialIdentifiers.identifier(0)), at: clock.now + .seconds(1))
        later.add(batch)
        #expect(later.uses[APIKeyID(SequentialIdentifiers.identifier(0))] == clock.now + .seconds(1))
        #expect(later.uses.count == FollowUpBatch.kindMax && later.refusals.count == FollowUpBatch.kindMax)
    }
}
