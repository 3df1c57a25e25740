import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import Shared
import TestSupport
import Testing

private struct Unexpected: Error {}

@Suite("A plan that is another one by now, as the counters know before this process")
struct OutdatedPlanTests {
    private let scene = DecisionScene()

    init() throws {
        try scene.addService()
        scene.addUser(grant: EntitlementGrant(plan: .free, since: scene.clock.now))
    }

    private func buyPro() {
        scene.freshness.onRefresh { [scene] in
            scene.addUser(grant: EntitlementGrant(plan: .pro, since: scene.clock.now))
        }
    }

    @Test("is read, and decides, once")
    func decision() async throws {
        buyPro()
        scene.meter.plan(.outdated)
        scene.meter.plan(DrawOutcome(isAllowed: true, binding: scene.limit(1, of: 1_000)))
        let answer = try await scene.decide(try DecisionScene.question())
        #expect(answer.decision.isAllowed && answer.decision.caller?.plan == .pro)
        #expect(scene.freshness.refreshCount == 1)
        let draws = scene.meter.taken
        #expect(draws.map(\.insists) == [false, true])
        #expect(draws.map(\.version) == [3, 3])
        #expect(draws.first?.rules != draws.last?.rules)
    }

    @Test("decides also where nothing newer is found: the database is right")
    func nothingNewer() async throws {
        scene.meter.plan(.outdated)
        scene.meter.plan(scene.refused())
        let answer = try await scene.decide(try DecisionScene.question())
        #expect(answer.decision.denial == .quotaExhausted)
        #expect(scene.meter.taken.map(\.insists) == [false, true])
    }

    @Test("reserves, too")
    func reservation() async throws {
        buyPro()
        scene.meter.plan(reserve: .refused(.outdated))
        scene.meter.plan(reserve: .refused(scene.refused()))
        let answer = try await scene.settle.reserve(
            try DecisionScene.question(), amount: 5, key: "job-1", lifetime: .seconds(60),
            caller: SequentialIdentifiers.identifier(500))
        guard case .denied(let denied) = answer else { throw Unexpected() }
        #expect(denied.decision.denial == .quotaExhausted && scene.freshness.refreshCount == 1)
        let draws = scene.meter.calls.compactMap { call -> Draw? in
            if case .reserve(let draw, _) = call { draw } else { nil }
        }
        #expect(draws.map(\.insists) == [false, true])
        #expect(draws.map(\.cost) == [5, 5])
    }
}
