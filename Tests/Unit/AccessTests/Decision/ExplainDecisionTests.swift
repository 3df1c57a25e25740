import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import Shared
import TestSupport
import Testing

@Suite("Why the gate decided so", .eachCacheLevel)
struct ExplainDecisionTests {
    private let scene = DecisionScene()

    private func explain(_ question: AccessQuestion) async throws -> DecisionRecord {
        let decision = try await scene.decide(question).decision
        let record = try #require(scene.log(decision.id))
        #expect(record.decision == decision)
        return record
    }

    @Test("what was asked, what held and the counter at that time are told")
    func allowed() async throws {
        try scene.addService { $0.routes = [try RouteRule(method: .post, prefix: "/pdf", cost: 4)] }
        scene.addUser(grant: EntitlementGrant(plan: .pro, since: scene.clock.now))
        scene.meter.plan(DrawOutcome(isAllowed: true, binding: scene.limit(12)))
        let record = try await explain(try DecisionScene.question(DecisionScene.token, .post, "/pdf/one?x=y"))
        #expect(record.service == "one" && record.credential == .accessToken && record.source == .request)
        #expect(record.method == .post && record.path == "/pdf/one" && record.route == "/pdf" && record.cost == 4)
        #expect(record.decision.binding == scene.limit(12) && record.entitlementVersion == 3 && record.missing == nil)
    }

    @Test("the right that was missing is told")
    func missing() async throws {
        try scene.addService { $0.requiredPermission = Permission("one:use") }
        scene.addUser()
        let record = try await explain(try DecisionScene.question())
        #expect(record.missing == Permission("one:use") && record.decision.denial == .permissionDenied)
    }

    @Test("what a door refused, dry runs and repetitions are told as such")
    func sources() async throws {
        try scene.addService()
        scene.addUser()
        let door = scene.refuse(.ambiguousRequest, service: "one", address: .loopback).decision
        #expect(scene.log(door.id)?.source == .door && door.status == 403)
        #expect(try await explain(try DecisionScene.question(isDryRun: true)).source == .dryRun)
        #expect(try await explain(try DecisionScene.question(request: "12345678")).source == .request)
        #expect(try await explain(try DecisionScene.question(request: "12345678")).source == .repetition)
    }

    @Test("a path is kept in part, if it is long")
    func longPath() async throws {
        try scene.addService()
        scene.addUser()
        let record = try await explain(
            try DecisionScene.question(DecisionScene.token, .get, "/" + String(repeating: "a", count: 3_000)))
        #expect(record.path?.utf8.count == 256)
    }

    @Test("what the process does not remember is told from the audit log, and the rest not at all")
    func recorded() async throws {
        try scene.addService()
        let refusals = RecordedRefusalsDouble()
        let service = ExplainDecisionService(log: scene.log, refusals: refusals, seal: scene.seal)
        let refusal = RecordedRefusal(
            entryID: SequentialIdentifiers.identifier(1), reason: .invalidCredential, service: ServiceSlug("one"),
            userID: nil, recordedAt: scene.clock.now, count: 3)
        let decision = scene.refuse(.ambiguousRequest, service: "one", address: .loopback).decision
        let other = DecisionID(SequentialIdentifiers.identifier(600))
        for id in [decision.id, other] { refusals.set(refusal, of: id) }
        #expect(try await service(decision.id.description) == scene.log(decision.id).map { .remembered($0) })
        #expect(try await service(other.description) == .recorded(refusal))
        #expect(try await service(SequentialIdentifiers.identifier(601).description) == nil)
        #expect(try await service("d_guessed") == nil)
    }

    @Test("a refusal of every reason is explained by its identifier, by a process that remembers nothing")
    func sealed() async throws {
        try scene.addService { $0.requiredPermission = Permission("one:use") }
        scene.addUser()
        let answer = try await scene.decide(try DecisionScene.question())
        #expect(answer.refusal?.missing == Permission("one:use"))
        let refusals = RecordedRefusalsDouble()
        let elsewhere = ExplainDecisionService(log: DecisionLogDouble(), refusals: refusals, seal: scene.seal)
        let record = try #require(scene.log(answer.decision.id))
        #expect(try await elsewhere(answer.reference) == .sealed(record, nil))
        #expect(try await elsewhere(answer.decision.id.description) == nil)
        let here = ExplainDecisionService(log: scene.log, refusals: refusals, seal: scene.seal)
        #expect(try await here(answer.reference) == .remembered(record))
    }
}
