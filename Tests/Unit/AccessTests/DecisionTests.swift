import AccessContract
import AccessDomain
import Shared
import TestSupport
import Testing

@Suite("The decision and its answer")
struct DecisionTests {
    private let identifiers = SequentialIdentifiers()
    private let now = Timestamp(seconds: 1_790_000_000)

    private func decision(_ denial: DenialReason?, _ binding: BindingLimit? = nil) -> Decision {
        Decision(
            id: DecisionID(identifiers.next()), denial: denial, caller: .anonymous, binding: binding, decidedAt: now)
    }

    private func binding(
        _ limit: Int = 50, used: Int = 38, endsIn milliseconds: Int64 = 3_600_000
    ) -> BindingLimit {
        let end = now + .milliseconds(milliseconds)
        return BindingLimit(
            policy: "day", limit: limit, used: used, window: TimeWindow(start: end - .seconds(86_400), end: end))
    }

    @Test("every reason has its status and its name")
    func reasons() {
        let expected = [
            "missing_credential": 401, "invalid_credential": 401, "account_blocked": 403, "permission_denied": 403,
            "route_unknown": 403, "path_too_long": 403, "service_unknown": 403, "not_in_plan": 403, "payment_due": 402,
            "quota_exhausted": 429,
            "rate_limited": 429, "ambiguous_request": 403, "untrusted_gateway": 403,
            "origin_not_allowed": 403,
        ]
        let found = DenialReason.allCases.map { ($0.rawValue, $0.status) }
        #expect(Dictionary(uniqueKeysWithValues: found) == expected)
        #expect(decision(nil).status == 200)
        #expect(decision(.paymentDue).status == 402)
        #expect(decision(nil).isAllowed)
        #expect(!decision(.missingCredential).isAllowed)
    }

    @Test("a burst that refuses is a rate, every other limit a quota")
    func refusingCharge() {
        let counter = Counter(window: WindowUnit.minute.window(at: now))
        #expect(DenialReason(refusing: Charge(counter: counter, limit: 0, amount: 1, isBurst: true)) == .rateLimited)
        #expect(DenialReason(refusing: Charge(counter: counter, limit: 0, amount: 1)) == .quotaExhausted)
    }

    @Test("Retry-After is the end of the window that refused, in whole seconds, at least one")
    func retryAfter() {
        #expect(decision(.quotaExhausted, binding(endsIn: 3_599_001)).retryAfter == 3_600)
        #expect(decision(.rateLimited, binding(endsIn: 1)).retryAfter == 1)
        #expect(decision(.rateLimited, binding(endsIn: -5)).retryAfter == 1)
        #expect(decision(.quotaExhausted).retryAfter == nil)
        #expect(decision(.permissionDenied, binding()).retryAfter == nil)
        #expect(decision(nil, binding()).retryAfter == nil)
    }

    @Test("the fields are lists of structured fields with one item")
    func fields() {
        let fields = RateLimitFields(binding(), at: now)
        #expect(fields.policy == #""day";q=50;w=86400"#)
        #expect(fields.limit == #""day";r=12;t=3600"#)
        var answer = Array("RateLimit: ".utf8)
        fields.appendLimit(to: &answer)
        #expect(String(decoding: answer, as: UTF8.self) == #"RateLimit: "day";r=12;t=3600"#)
    }

    @Test("beyond a limit nothing is left, and numbers stay within what structured fields can hold")
    func bounds() {
        #expect(RateLimitFields(binding(used: 60, endsIn: -1), at: now).limit == #""day";r=0;t=0"#)
        #expect(RateLimitFields(binding(Int.max, used: 0), at: now).policy == #""day";q=999999999999999;w=86400"#)
    }

    @Test("Retry-After is never before the end of the window that RateLimit tells")
    func agreement() {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<500 {
            let binding = binding(used: 50, endsIn: Int64.random(in: 0...90_000_000, using: &generator))
            let text = RateLimitFields(binding, at: now).limit
            let seconds = text.split(separator: "=").last.flatMap { Int($0) }
            let retryAfter = decision(.quotaExhausted, binding).retryAfter
            #expect(retryAfter ?? 0 >= seconds ?? Int.max)
        }
    }

    @Test("the limit that binds shows the counter after the draw")
    func fromCharge() {
        let counter = Counter(window: WindowUnit.day.window(at: now), used: 7, reserved: 2)
        let limit = BindingLimit(policy: "day", charge: Charge(counter: counter, limit: 10, amount: 1))
        #expect(limit.used == 9)
        #expect(limit.remaining == 1)
        #expect(limit.reset == counter.window.end)
    }
}

@Suite("One request of a gateway, counted once")
struct GatewayRequestTests {
    private let identifiers = SequentialIdentifiers()
    private let now = Timestamp(seconds: 1_790_000_000)
    private let asked = GatewayRequest.Question(caller: 1, demand: 1)

    private func repetition(
        _ second: GatewayRequest.Question, after duration: Duration, wasAllowed: Bool = true
    ) -> GatewayRequest.Repetition {
        GatewayRequest.repetition(
            of: asked, answeredAt: now, wasAllowed: wasAllowed, by: second, at: now + duration)
    }

    @Test("a request is named by gateway, service and id together")
    func key() throws {
        let gateway = GatewayRequest.Gateway.key(APIKeyID(identifiers.next()))
        let service = ServiceID(identifiers.next())
        let one = try #require(GatewayRequest(gateway: gateway, service: service, requestID: "0a1b2c3d"))
        #expect(one == GatewayRequest(gateway: gateway, service: service, requestID: "0a1b2c3d"))
        #expect(one != GatewayRequest(gateway: .peer(.loopback), service: service, requestID: "0a1b2c3d"))
        #expect(
            one != GatewayRequest(gateway: gateway, service: ServiceID(identifiers.next()), requestID: "0a1b2c3d"))
        #expect(one != GatewayRequest(gateway: gateway, service: service, requestID: "0a1b2c3e"))
    }

    @Test(
        "an id has 8 to 64 letters, digits, ., _ and -",
        arguments: [
            ("0123456", false), ("01234567", true), (String(repeating: "a", count: 64), true),
            (String(repeating: "a", count: 65), false), ("a.b_c-d9", true), ("0123456 ", false),
            ("0123456\u{e9}", false), ("", false), ("0123456@", false), ("0123456[", false),
        ])
    func ids(_ text: String, _ isGood: Bool) {
        let request = GatewayRequest(
            gateway: .peer(.loopback), service: ServiceID(identifiers.next()), requestID: text)
        #expect((request != nil) == isGood)
    }

    @Test("the same question within 10 s has the same answer")
    func same() {
        #expect(repetition(asked, after: .zero) == .same)
        #expect(repetition(asked, after: .milliseconds(9_999)) == .same)
        #expect(repetition(asked, after: .seconds(10)) == .new)
        #expect(repetition(asked, after: .seconds(-1)) == .new)
        #expect(repetition(asked, after: .seconds(1), wasAllowed: false) == .same)
    }

    @Test("an inner redirect is decided anew without counting; a refused one counts, as it was not counted yet")
    func redirected() {
        let other = GatewayRequest.Question(caller: 1, demand: 2)
        #expect(repetition(other, after: .seconds(1)) == .redirected)
        #expect(repetition(other, after: .seconds(1), wasAllowed: false) == .new)
    }

    @Test("an answer never goes to another caller who has the same id")
    func otherCaller() {
        #expect(repetition(GatewayRequest.Question(caller: 2, demand: 1), after: .seconds(1)) == .new)
    }
}
