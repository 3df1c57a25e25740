import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("What decisions leave to be done")
struct FollowUpQueueTests {
    private let work = InMemoryAccessWork()
    private let queue = FollowUpQueue(logger: .silent)
    private let record: RecordFollowUpsService
    private let scene: DecisionScene

    init() throws {
        let (clock, meter) = (ManualClock(), MeterDouble())
        record = RecordFollowUpsService(pending: queue, work: work, meter: meter, clock: clock)
        scene = DecisionScene(clock: clock, meter: meter, followUps: queue)
        try scene.addService { $0.allowAnonymous = true }
        scene.addUser()
    }

    private func news(_ kind: QuotaNews, isGlobal: Bool) -> DrawOutcome {
        DrawOutcome(
            isAllowed: kind == .thresholdReached, binding: scene.limit(40),
            news: [.init(kind: kind, limit: scene.limit(40), isGlobal: isGlobal)])
    }

    @Test("a decision writes nothing itself")
    func nothingAtOnce() async throws {
        scene.meter.plan(news(.exhausted, isGlobal: true))
        _ = try await scene.decide(try DecisionScene.question(device: DecisionScene.device))
        _ = try await scene.decide(try DecisionScene.question(.malformed))
        #expect(work.writeCount == 0 && scene.meter.merged.isEmpty)
    }

    @Test("what counters tell of somebody's quota is published, in one unit of work")
    func quotaNews() async throws {
        scene.meter.plan(news(.thresholdReached, isGlobal: true))
        scene.meter.plan(news(.exhausted, isGlobal: false))
        for _ in 0..<3 { _ = try await scene.decide(try DecisionScene.question()) }
        try await record()
        let limit = scene.limit(40)
        func state(_ service: String?) -> QuotaState {
            QuotaState(
                plan: "free", policy: "day", service: service, limit: 50, used: 40, windowStart: limit.window.start,
                windowEnd: limit.window.end)
        }
        let reached = work.store.events(of: QuotaThresholdReached.self)
        #expect(reached.map(\.quota) == [state(nil)] && reached.first?.holder == .user(DecisionScene.ana))
        #expect(work.store.events(of: QuotaExhausted.self).map(\.quota) == [state("one")])
        #expect(work.writeCount == 1)
        try await record()
        #expect(work.store.events.count == 2)
    }

    @Test("nobody who is not signed in is named in an event")
    func anonymousNews() async throws {
        scene.meter.plan(news(.exhausted, isGlobal: false))
        _ = try await scene.decide(try DecisionScene.question(.none))
        try await record()
        #expect(work.store.events.isEmpty)
    }

    @Test("bad credentials go into the audit log, equal ones as one line with a count")
    func refusals() async throws {
        for _ in 0..<5 { _ = try await scene.decide(try DecisionScene.question(.accessToken("forged"))) }
        _ = try await scene.decide(try DecisionScene.question(.malformed, address: .loopback))
        _ = try await scene.decide(try DecisionScene.question(.malformed, service: "unknown"))
        _ = scene.refuse(.untrustedGateway, service: "one", address: .loopback)
        try await record()
        let lines = work.store.auditTrail
        func count(_ reason: String, _ address: NetworkAddress) -> Int? {
            lines.first { $0.entry.reason == reason && $0.entry.personal["address"] == address.description }?.count
        }
        #expect(lines.count == 3)
        #expect(count("invalid_credential", DecisionScene.address) == 5)
        #expect(count("invalid_credential", .loopback) == 1)
        #expect(count("untrusted_gateway", .loopback) == 1)
        #expect(lines.allSatisfy { $0.entry.action == "access.decide" && $0.entry.subject == "service:one" })
        #expect(lines.allSatisfy { $0.entry.personal["decision_id"] == $0.entry.references.first?.description })
        #expect(lines.map(\.entry.references.count).sorted() == [1, 1, 5])
    }

    @Test("a limit that is reached is no matter for the audit log")
    func noRefusal() async throws {
        scene.meter.plan(scene.refused())
        _ = try await scene.decide(try DecisionScene.question())
        _ = try await scene.decide(try DecisionScene.question(.none, service: "unknown"))
        try await record()
        #expect(work.store.auditTrail.isEmpty)
    }

    @Test("whom the gate knows is named in the line")
    func actor() async throws {
        scene.addUser(isGood: false)
        _ = try await scene.decide(try DecisionScene.question())
        try await record()
        #expect(work.store.auditTrail.map(\.entry.actor) == ["user:\(DecisionScene.ana)"])
    }

    @Test("a flood from many addresses is counted, and takes no more room than a thousand lines")
    func flood() async throws {
        for number in 0..<3_000 {
            let address = NetworkAddress(ipv4: 0x0A00_0000 | UInt32(number))
            _ = try await scene.decide(try DecisionScene.question(.malformed, address: address))
        }
        try await record()
        let lines = work.store.auditTrail
        #expect(lines.count == 1_025)
        #expect(lines.reduce(0) { $0 + $1.count } == 3_000)
        let rest = lines.filter { $0.entry.personal["address"] == nil }
        #expect(rest.count == 1 && rest.first?.count == 3_000 - 1_024)
        #expect(rest.first?.entry.references.count == AuditEntry.referencesMax)
    }

    @Test("ten thousand bad credentials from one IPv6 network are one line, those of one site at most thirty-two")
    func oneHomeLine() async throws {
        for number in 0..<10_000 as Range<UInt64> {
            let address = NetworkAddress(ipv6High: 0x2001_0DB8_0001_0007, low: number &* 0x9E37_79B9_7F4A_7C15)
            _ = try await scene.decide(try DecisionScene.question(.malformed, address: address))
        }
        try await record()
        #expect(work.store.auditTrail.map(\.count) == [10_000])
        for number in 0..<10_000 as Range<UInt64> {
            let address = NetworkAddress(ipv6High: 0x2001_0DB8_0002_0000 | number, low: 1)
            _ = try await scene.decide(try DecisionScene.question(.malformed, address: address))
        }
        try await record()
        #expect(work.store.auditTrail.count == 1 + 32)
        #expect(work.store.auditTrail.dropFirst().reduce(0) { $0 + $1.count } == 10_000)
    }

    @Test("the first decision of somebody signed in on a device merges what it used, once a day")
    func merges() async throws {
        for _ in 0..<3 { _ = try await scene.decide(try DecisionScene.question(device: DecisionScene.device)) }
        try await record()
        let merge = DeviceMerge(device: DecisionScene.device, user: DecisionScene.ana, at: scene.clock.now)
        #expect(scene.meter.merged == [merge])
        _ = try await scene.decide(try DecisionScene.question(device: DecisionScene.device))
        try await record()
        #expect(scene.meter.merged.count == 1)
        scene.clock.advance(by: .seconds(86_400))
        _ = try await scene.decide(try DecisionScene.question(device: DecisionScene.device))
        try await record()
        #expect(scene.meter.merged.count == 2)
    }

    @Test("a key on a device merges nothing")
    func keyOnDevice() async throws {
        try scene.addKey(scopes: [])
        _ = try await scene.decide(try DecisionScene.question(DecisionScene.key, device: DecisionScene.device))
        try await record()
        #expect(scene.meter.merged.isEmpty)
    }

    @Test("the use of a key is noted, not over a later one")
    func keyUses() async throws {
        let key = try scene.addKey(scopes: [])
        work.arrange { $0.apiKeys[key.id] = key }
        let now = scene.clock.now
        queue.noteUse(of: key.id, at: now)
        try await record()
        #expect(work.store.apiKeys[key.id]?.lastUsedAt == now)
        queue.noteUse(of: key.id, at: now + .seconds(59))
        scene.clock.advance(by: .seconds(59))
        try await record()
        #expect(work.store.apiKeys[key.id]?.lastUsedAt == now)
    }

    @Test("what the store could not take is tried again, with nothing lost and nothing twice")
    func failure() async throws {
        scene.meter.plan(news(.exhausted, isGlobal: true))
        _ = try await scene.decide(try DecisionScene.question(device: DecisionScene.device))
        _ = try await scene.decide(try DecisionScene.question(.malformed))
        work.beforeNextWrite { throw Unavailable("database", reason: "gone") }
        scene.meter.plan(mergeFailure: Unavailable("database", reason: "gone"))
        await #expect(throws: Unavailable.self) { try await record() }
        #expect(work.store.events.isEmpty)
        _ = try await scene.decide(try DecisionScene.question(.malformed))
        try await record()
        #expect(work.store.eventTypes == ["quota.exhausted"])
        #expect(work.store.auditTrail.map(\.count) == [2])
        #expect(work.store.auditTrail.map(\.entry.references.count) == [2])
        #expect(scene.meter.merged.count == 2)
        try await record()
        #expect(work.store.events.count == 1 && scene.meter.merged.count == 2)
    }
}
