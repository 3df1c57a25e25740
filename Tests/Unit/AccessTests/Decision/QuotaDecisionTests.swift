import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import Shared
import TestSupport
import Testing

@Suite("What a decision draws", .eachCacheLevel)
struct QuotaDecisionTests {
    private let scene = DecisionScene(perPrefix: 5)

    private func draw(_ question: AccessQuestion) async throws -> Draw {
        _ = try await scene.decide(question)
        return try #require(scene.meter.taken.last)
    }

    @Test("a person draws for himself, a key for its owner or its tenant, nobody for his network and device")
    func drawers() async throws {
        let service = try scene.addService { $0.allowAnonymous = true }
        scene.addUser()
        try scene.addKey(scopes: [])
        for credential in [DecisionScene.token, DecisionScene.key] {
            let drawn = try await draw(try DecisionScene.question(credential))
            guard case .known(let subject) = drawn.drawer else { throw Unexpected() }
            #expect(subject == .user(DecisionScene.ana) && drawn.burstSubject == .user(DecisionScene.ana))
            #expect(drawn.service == service.id)
        }
        try scene.addKey(.tenant(DecisionScene.tenant), scopes: [])
        let drawn = try await draw(try DecisionScene.question(DecisionScene.key))
        guard case .known(let subject) = drawn.drawer else { throw Unexpected() }
        #expect(subject == .tenant(DecisionScene.tenant) && drawn.burstSubject == .tenant(DecisionScene.tenant))
        let anonymous = try await draw(try DecisionScene.question(.none, device: DecisionScene.device))
        guard case .anonymous(let visitor, let perPrefix) = anonymous.drawer else { throw Unexpected() }
        #expect(visitor == AnonymousCaller(address: DecisionScene.address, device: DecisionScene.device))
        #expect(perPrefix == 5 && anonymous.burstSubject == visitor.network)
    }

    @Test("the rules are those of the caller's plan")
    func rules() async throws {
        let service = try scene.addService { $0.allowAnonymous = true }
        scene.addUser(grant: EntitlementGrant(plan: .pro, since: scene.clock.now))
        let pro = EffectivePlan(
            Entitlement(
                id: EntitlementID(DecisionScene.ana), subject: .user(DecisionScene.ana),
                grant: EntitlementGrant(plan: .pro, since: scene.clock.now), version: 3, updatedAt: scene.clock.now),
            catalog: .standard, at: scene.clock.now)
        #expect(try await draw(try DecisionScene.question()).rules == pro.rules(for: service.slug))
        let anonymous = EffectivePlan(anonymousIn: .standard)
        #expect(
            try await draw(try DecisionScene.question(.none)).rules == anonymous.anonymousRules(for: service.slug))
    }

    @Test("it costs what the route says, or what is asked for, within bounds")
    func costs() async throws {
        try scene.addService { rules in
            rules.routes = [try RouteRule(prefix: "/"), try RouteRule(prefix: "/large", cost: 10)]
        }
        scene.addUser()
        #expect(try await draw(try DecisionScene.question()).cost == 1)
        #expect(try await draw(try DecisionScene.question(path: "/large/x")).cost == 10)
        #expect(try await draw(try DecisionScene.question(path: "/large/x", cost: 3)).cost == 3)
        #expect(try await draw(try DecisionScene.question(cost: 0)).cost == 0)
        #expect(try await draw(try DecisionScene.question(cost: -1)).cost == 0)
        #expect(try await draw(try DecisionScene.question(cost: 2_000_000)).cost == 1_000_000)
    }

    @Test("a dry run asks what would be, and counts nothing")
    func dryRun() async throws {
        try scene.addService()
        scene.addUser()
        scene.meter.plan(scene.refused())
        let answer = try await scene.decide(try DecisionScene.question(isDryRun: true))
        #expect(answer.decision.denial == .quotaExhausted)
        #expect(scene.meter.taken.isEmpty && scene.meter.peeked.count == 1)
    }

    @Test("a limit that is reached is told from a burst, with what binds")
    func refusals() async throws {
        try scene.addService()
        scene.addUser()
        scene.meter.plan(scene.refused(50))
        let exhausted = try await scene.decide(try DecisionScene.question()).decision
        #expect(exhausted.denial == .quotaExhausted && exhausted.binding == scene.limit(50))
        #expect(exhausted.status == 429 && (exhausted.retryAfter ?? 0) > 0)
        scene.meter.plan(DrawOutcome(isAllowed: false, binding: scene.limit(9), isBurst: true))
        #expect(try await scene.decide(try DecisionScene.question()).decision.denial == .rateLimited)
    }

    @Test("what the counters say beside it is told")
    func beside() async throws {
        try scene.addService()
        scene.addUser()
        scene.meter.plan(
            DrawOutcome(isAllowed: true, binding: scene.limit(7), exceedsSoftLimit: true, isDegraded: true))
        let decision = try await scene.decide(try DecisionScene.question()).decision
        #expect(decision.isAllowed && decision.binding == scene.limit(7))
        #expect(decision.exceedsSoftLimit && decision.isDegraded)
    }

    @Test("a counter that cannot be reached decides nothing")
    func failure() async throws {
        try scene.addService()
        scene.addUser()
        scene.meter.planFailure(Unavailable("database", reason: "gone"))
        await #expect(throws: Unavailable.self) { try await scene.decide(try DecisionScene.question()) }
    }
}

extension DecisionScene {
    fileprivate static func question(path: String, cost: Int? = nil) throws -> AccessQuestion {
        try question(token, .get, path, cost: cost)
    }
}

private struct Unexpected: Error {}
