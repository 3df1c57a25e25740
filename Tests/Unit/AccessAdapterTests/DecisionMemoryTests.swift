import AccessApplication
import AccessContract
import AccessDomain
import AccessPortSuites
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("What is remembered of decisions")
struct DecisionMemoryTests {
    private let clock = ManualClock()

    private func record(_ number: UInt64, _ denial: DenialReason?) -> DecisionRecord {
        DecisionRecord(
            decision: Decision(
                id: DecisionID(SequentialIdentifiers.identifier(number)), denial: denial, caller: nil,
                decidedAt: clock.now),
            service: "one", credential: .none, source: .request)
    }

    @Test("it is told for ten minutes")
    func lifetime() {
        let log = InMemoryDecisionLog(clock: clock)
        log.note(record(1, nil))
        let id = DecisionID(SequentialIdentifiers.identifier(1))
        clock.advance(by: .seconds(600) - .milliseconds(1))
        #expect(log(id) != nil)
        clock.advance(by: .milliseconds(1))
        #expect(log(id) == nil)
        #expect(log(DecisionID(SequentialIdentifiers.identifier(2))) == nil)
    }

    @Test("only so many are kept; refusals do not push out what was allowed")
    func bounded() {
        let log = InMemoryDecisionLog(clock: clock, capacity: 10)
        log.note(record(1, nil))
        for number in 2..<102 { log.note(record(UInt64(number), .invalidCredential)) }
        func isKnown(_ number: UInt64) -> Bool { log(DecisionID(SequentialIdentifiers.identifier(number))) != nil }
        #expect(isKnown(1) && isKnown(101) && isKnown(92))
        #expect(!isKnown(91) && !isKnown(2))
    }

    @Test("answers to gateways are found again, and only so many are kept; the last ones stay")
    func answers() throws {
        let answered = InMemoryAnsweredRequests(capacity: 100)
        func request(_ number: Int) throws -> GatewayRequest {
            try #require(
                GatewayRequest(
                    gateway: .peer(.loopback), service: ServiceID(SequentialIdentifiers.identifier(1)),
                    requestID: "request-\(number)"))
        }
        let question = GatewayRequest.Question(caller: 1, demand: 2)
        for number in 0..<1_000 {
            let answer = AnsweredRequest(question: question, decision: record(UInt64(number), nil).decision)
            answered.note(answer, try request(number))
            #expect(answered.find(try request(number)) == answer)
        }
        #expect(answered.count <= 100)
        #expect(answered.find(try request(960)) != nil)
        #expect(answered.find(try request(0)) == nil)
        // Others make room also by time, so that idle processes keep nothing for long.
        for number in 1_000..<1_002 {
            clock.advance(by: .seconds(10))
            let answer = AnsweredRequest(question: question, decision: record(UInt64(number), nil).decision)
            answered.note(answer, try request(number))
        }
        #expect(answered.count == 2)
    }

    @Test("what was counted is taken once, for ten seconds, one's own name first; a refusal never")
    func counted() throws {
        let service = ServiceID(SequentialIdentifiers.identifier(1))
        let mine = GatewayRequest.Gateway.key(APIKeyID(SequentialIdentifiers.identifier(2)))
        let question = GatewayRequest.Question(caller: 1, demand: 2)
        let memory = InMemoryAnsweredRequests()
        func note(_ gateway: GatewayRequest.Gateway, _ id: String, cost: Int?) throws {
            let request = try #require(GatewayRequest(gateway: gateway, service: service, requestID: id))
            let draw = cost.map { MeterScene.draw([.globalDay(10)], cost: $0) }
            let decision = record(1, draw == nil ? .quotaExhausted : nil).decision
            memory.note(AnsweredRequest(question: question, decision: decision, draw: draw), request)
        }
        func take(_ id: String, of other: ServiceID? = nil) -> Int? {
            memory.takeCounted(id, of: other ?? service, preferring: mine, at: clock.now)?.draw?.cost
        }
        try note(.peer(.loopback), "request-1", cost: 3)
        try note(mine, "request-1", cost: 5)
        try note(mine, "request-2", cost: nil)
        #expect(take("request-1", of: ServiceID(SequentialIdentifiers.identifier(9))) == nil)
        #expect([take("request-1"), take("request-1"), take("request-1")] == [5, 3, nil])
        #expect(take("request-2") == nil)
        try note(mine, "request-3", cost: 1)
        try note(mine, "request-4", cost: 1)
        clock.advance(by: .seconds(10) - .milliseconds(1))
        #expect(take("request-3") == 1)
        clock.advance(by: .milliseconds(1))
        #expect(take("request-4") == nil)
    }
}
