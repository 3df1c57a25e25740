import Crypto
import FoundationEssentials
import HTTPClient
import HTTPClientDoubles
import JSON
import Messaging
import NotificationsApplication
import NotificationsDomain
import Shared
import TestSupport
import Testing

@testable import NotificationsInfrastructure

@Suite("Webhooks over HTTP")
struct WebhookSenderTests {
    private let clock = ManualClock(Timestamp(seconds: 1_614_265_330))
    private let event = WebhookEvent(
        id: SequentialIdentifiers.identifier(1), type: "user.created", subject: SequentialIdentifiers.identifier(2),
        body: #"{"test": 2432232314}"#)

    private func sender(_ http: ScriptedHTTP) -> HTTPWebhookSender { HTTPWebhookSender(http: http, clock: clock) }

    private func send(_ http: ScriptedHTTP, secrets: [[UInt8]] = [[1]]) async throws -> WebhookSending {
        try await sender(http).send(event, to: "https://a.example/hooks", secrets: secrets.map { Secret($0) })
    }

    @Test("the signature is that of the public vector of Standard Webhooks")
    func vector() throws {
        let secret = Array(try #require(Data(base64Encoded: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")))
        #expect(StandardWebhook.text(Secret(secret)).reveal() == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let headers = StandardWebhook.headers(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", at: clock.now, body: Array(event.body.utf8), secrets: [Secret(secret)])
        #expect(headers.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(headers[1].value == "1614265330")
        #expect(headers[2].value == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test("an event is posted with its id and a signature by each secret, and follows no redirect")
    func post() async throws {
        let http = ScriptedHTTP { _ in FetchResponse(status: 302, body: Array("go\0 there".utf8)) }
        let sending = try await send(http, secrets: [[1], [2]])
        #expect(
            sending
                == .tried(WebhookAttempt(status: 302, answer: "go there", startedAt: clock.now, endedAt: clock.now)))
        let request = try #require(http.requests.first)
        #expect(request.method == "POST")
        #expect(request.redirectsMax == 0)
        #expect(request.body == Array(event.body.utf8))
        #expect(request.limits.bodyBytesMax == 1_024)
        let headers = Dictionary(uniqueKeysWithValues: request.headers.map { ($0.name, $0.value) })
        #expect(headers["Content-Type"] == "application/cloudevents+json")
        #expect(headers["webhook-id"] == event.id.description)
        #expect(headers["webhook-signature"]?.split(separator: " ").count == 2)
    }

    @Test("a failure is an attempt, a pause is none, a wish for a pause is heard")
    func failures() async throws {
        let failing = ScriptedHTTP { _ in throw FetchFailure(.refused, "the address is private or reserved") }
        guard case .tried(let attempt) = try await send(failing) else { throw InternalFailure("no attempt") }
        #expect(attempt.status == nil)
        #expect(attempt.error == "refused: the address is private or reserved")
        let pausing = ScriptedHTTP { _ in throw FetchFailure(.paused, "", retryAfter: .seconds(7)) }
        #expect(try await send(pausing) == .paused(.seconds(7)))
        let busy = ScriptedHTTP { _ in FetchResponse(status: 429, headers: [.init("retry-after", "120")]) }
        guard case .tried(let answered) = try await send(busy) else { throw InternalFailure("no attempt") }
        #expect(answered.retryAfter == .seconds(120))
    }

    @Test(
        "a URL is refused with a reason",
        arguments: [
            "http://a.example/", "https://user:pw@a.example/", "https://10.0.0.1/", "https://a.example:25/", "x",
        ])
    func refusals(url: String) {
        #expect(sender(ScriptedHTTP()).refusal(of: url) != nil)
        #expect(sender(ScriptedHTTP()).refusal(of: "https://a.example/") == nil)
    }

    @Test("a secret is sealed for its endpoint alone")
    func secrets() throws {
        let masterKey = try MasterKey(keys: [Secret([UInt8](repeating: 1, count: MasterKey.byteCount))])
        let secrets = MasterKeyWebhookSecrets(masterKey: masterKey, random: SystemRandomSource())
        let secret = secrets.make()
        #expect(secret.reveal().count == 32)
        let owner = SequentialIdentifiers.identifier(1)
        let sealed = try secrets.seal(secret, of: owner)
        #expect(try secrets.open(sealed, of: owner).reveal() == secret.reveal())
        #expect(throws: UnwrapError.notAuthentic) {
            try secrets.open(sealed, of: SequentialIdentifiers.identifier(2))
        }
    }

    @Test("an envelope has the attributes of CloudEvents and the event's own data")
    func envelope() throws {
        let envelope = EventEnvelope(
            id: SequentialIdentifiers.identifier(1), source: "/gapura/accounts", type: "user.created",
            subject: SequentialIdentifiers.identifier(2), time: clock.now, traceparent: "00-a-b-01",
            data: #"{"user_id":"x"}"#, reach: .public, number: 7)
        let envelopes = WebhookEnvelopes(appURL: "https://id.example")
        let id = SequentialIdentifiers.identifier(1)
        let subject = SequentialIdentifiers.identifier(2)
        #expect(
            envelopes.event(envelope).body
                == #"{"specversion":"1.0","id":"\#(id)","source":"/gapura/accounts","type":"user.created","#
                + #""subject":"\#(subject)","time":"\#(clock.now)","datacontenttype":"application/json","#
                + #""dataschema":"https://id.example/schemas/events/user.created/1.json","#
                + #""traceparent":"00-a-b-01","partitionkey":"\#(subject)","sequence":"00000000000000000007","#
                + #""data":{"user_id":"x"}}"#)
        #expect(!envelopes.test(id, clock.now).body.contains("dataschema"))
    }
}
