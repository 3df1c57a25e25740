import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import Shared
import TestSupport
import Testing

@Suite("Requests that a gateway asks about again", .eachCacheLevel)
struct RepeatedRequestTests {
    private let scene = DecisionScene()
    private let request = "0123456789abcdef"

    init() throws {
        try scene.addService { rules in
            rules.allowAnonymous = true
            rules.routes = [
                try RouteRule(prefix: "/"), try RouteRule(prefix: "/admin", permission: Permission("one:admin")),
            ]
        }
        scene.addUser()
    }

    private func ask(
        _ path: String = "/a", _ credential: AccessQuestion.Credential = DecisionScene.token, request: String? = nil
    ) async throws -> Decision {
        try await scene.decide(
            try DecisionScene.question(credential, .get, path, request: request ?? self.request)
        ).decision
    }

    @Test("one request is counted once, and has the count of the first time, for ten seconds")
    func once() async throws {
        scene.meter.plan(DrawOutcome(isAllowed: true, binding: scene.limit(50)))
        let first = try await ask()
        scene.clock.advance(by: .seconds(10) - .milliseconds(1))
        let second = try await ask()
        #expect(first.isAllowed && second.isAllowed && second.binding == first.binding)
        #expect(scene.meter.calls.count == 1)
        scene.clock.advance(by: .milliseconds(1))
        _ = try await ask()
        #expect(scene.meter.taken.count == 2)
    }

    @Test("an inner redirect to another path is decided by that path's rules and not counted again")
    func redirected() async throws {
        _ = try await ask("/a")
        #expect(try await ask("/index.html").isAllowed)
        #expect(try await ask("/admin").denial == .permissionDenied)
        #expect(scene.meter.calls.count == 1)
    }

    @Test("who is blocked meanwhile does not pass a second time")
    func blocked() async throws {
        _ = try await ask()
        scene.addUser(isGood: false)
        #expect(try await ask().denial == .accountBlocked)
    }

    @Test("another caller under the same name is somebody else's request")
    func otherCaller() async throws {
        _ = try await ask()
        #expect(try await ask("/a", .none).isAllowed)
        #expect(scene.meter.taken.count == 2)
    }

    @Test("a refusal is told again as it was; to another path it is a new request")
    func refused() async throws {
        scene.meter.plan(scene.refused())
        let first = try await ask()
        #expect(try await ask() == first)
        #expect(scene.meter.taken.count == 1)
        #expect(try await ask("/b").isAllowed)
        #expect(scene.meter.taken.count == 2)
    }

    @Test("a name that is not well-formed is counted every time", arguments: ["short", "with space in it", ""])
    func badName(_ name: String) async throws {
        for _ in 0..<2 { _ = try await ask(request: name) }
        #expect(scene.meter.taken.count == 2)
    }

    @Test("where the meter keeps the names it is asked each time, and only refusals are remembered")
    func namesOfTheMeter() async throws {
        let meter = MeterDouble(keepsNames: true)
        let scene = DecisionScene(meter: meter)
        try scene.addService()
        scene.addUser()
        func ask() async throws -> Decision {
            try await scene.decide(try DecisionScene.question(request: request)).decision
        }
        meter.plan(DrawOutcome(isAllowed: true, binding: scene.limit(1)))
        meter.plan(DrawOutcome(isAllowed: true, binding: scene.limit(1)).repeated)
        #expect(try await [ask(), ask()].allSatisfy { $0.isAllowed })
        meter.plan(scene.refused())
        let refused = try await ask()
        #expect(try await ask() == refused)
        #expect(meter.calls.count == 3 && meter.taken.isEmpty)
        #expect(scene.log.records.map(\.source) == [.request, .repetition, .request])
    }

    @Test("a dry run neither uses nor makes an answer for later")
    func dryRun() async throws {
        _ = try await scene.decide(try DecisionScene.question(isDryRun: true, request: request))
        _ = try await scene.decide(try DecisionScene.question(request: request))
        #expect(scene.meter.taken.count == 1 && scene.meter.peeked.count == 1)
    }
}
