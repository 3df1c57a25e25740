import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import NotificationsDoubles
import Shared
import TestSupport
import Testing

/// The services of webhooks over doubles, with a clock that the test moves.
private struct WebhookScene: Sendable {
    let clock = ManualClock()
    let identifiers = SequentialIdentifiers()
    let work = InMemoryNotificationsWork()
    let secrets = WebhookSecretsDouble()
    let sender: WebhookSenderDouble
    let log = RecordingLogSink()

    static let principal = Principal(
        .session(SequentialIdentifiers.identifier(8_000)), of: SequentialIdentifiers.identifier(8_001),
        permissions: PermissionSet([]), client: ClientInfo(address: .loopback, userAgent: nil))
    static let subject = SequentialIdentifiers.identifier(8_002)

    /// - Parameter status: what the receiver answers; nil: nothing.
    init(_ status: Int? = 200) {
        let clock = clock
        sender = WebhookSenderDouble { _ in .tried(Self.attempt(status, clock.now)) }
    }

    static func attempt(_ status: Int?, _ now: Timestamp, retryAfter: Duration? = nil) -> WebhookAttempt {
        WebhookAttempt(
            status: status, error: status == nil ? "timedOut: it took too long" : nil, startedAt: now, endedAt: now,
            retryAfter: retryAfter)
    }

    func answer(_ status: Int?, retryAfter: Duration? = nil) {
        sender.answer { [clock] _ in .tried(Self.attempt(status, clock.now, retryAfter: retryAfter)) }
    }

    var manage: ManageWebhooksService {
        ManageWebhooksService(
            work: work, sender: sender, secrets: secrets, eventTypes: ["user.created", "role.changed"], clock: clock)
    }

    var deliver: DeliverWebhookService {
        DeliverWebhookService(
            work: work, sender: sender, secrets: secrets, clock: clock, identifiers: identifiers, jitter: { 0 },
            logger: log.logger())
    }

    @discardableResult
    func endpoint(
        _ eventTypes: [String] = ["user.created"], isOrdered: Bool = false
    ) async throws -> WebhookEndpointID {
        let id: WebhookEndpointID = identifiers.next()
        let settings = WebhookSettings(
            url: "https://a.example/hooks", description: "", eventTypes: eventTypes, isOrdered: isOrdered)
        _ = try await manage.create(id, settings, by: Self.principal)
        return id
    }

    func publish(_ number: UInt64, _ type: String = "user.created") async throws {
        let event = WebhookEvent(
            id: SequentialIdentifiers.identifier(7_000 + number), type: type, subject: Self.subject,
            body: "{\(number)}")
        try await QueueWebhooksService(work: work, clock: clock, identifiers: identifiers)(event)
    }

    /// Runs every attempt that was started and is due, until nothing is left to do now.
    func runJobs() async throws {
        while true {
            let starts = work.store.webhookStarts
            work.arrange { $0.webhookStarts = [] }
            guard !starts.isEmpty else { return }
            var later: [WebhookStart] = []
            for start in starts {
                if case .again = try await deliver(start.id, round: start.round) { later.append(start) }
            }
            let (waiting, isQuiet) = (later, work.store.webhookStarts.isEmpty)
            work.arrange { $0.webhookStarts += waiting }
            if isQuiet { return }
        }
    }

    var deliveries: [WebhookDelivery] { work.store.webhookDeliveries.values.sorted { $0.id < $1.id } }
    var states: [WebhookDelivery.State] { deliveries.map(\.state) }
    func endpoint(_ id: WebhookEndpointID) -> WebhookEndpoint? { work.store.webhookEndpoints[id] }
}

@Suite("Webhooks")
struct WebhookTests {
    @Test("an event goes to every endpoint that wants it, once, however often it comes")
    func fanOut() async throws {
        let scene = WebhookScene()
        try await scene.endpoint()
        try await scene.endpoint(["*"])
        try await scene.endpoint(["user.deleted"])
        for _ in 1...3 { try await scene.publish(1) }
        try await scene.runJobs()
        #expect(scene.sender.sent.map(\.event.body) == ["{1}", "{1}"])
        #expect(scene.states == [.delivered, .delivered])
    }

    @Test("an event that nobody wants leaves nothing")
    func unwanted() async throws {
        let scene = WebhookScene()
        try await scene.endpoint(["user.deleted"])
        try await scene.publish(1)
        #expect(scene.work.store.acceptedEvents.isEmpty)
        #expect(scene.deliveries.isEmpty)
    }

    @Test("a receiver that fails is tried eleven times over more than three days")
    func attempts() async throws {
        let scene = WebhookScene(500)
        let id = try await scene.endpoint()
        let start = scene.clock.now
        try await scene.publish(1)
        try await scene.runJobs()
        while let delivery = scene.deliveries.first, delivery.state == .pending {
            #expect(scene.sender.sent.count == delivery.attempts)
            scene.clock.set(to: delivery.nextAttemptAt - .milliseconds(1))
            try await scene.runJobs()
            #expect(scene.sender.sent.count == delivery.attempts)
            scene.clock.set(to: delivery.nextAttemptAt)
            try await scene.runJobs()
        }
        #expect(scene.sender.sent.count == 11)
        #expect(scene.clock.now - start > .seconds(3 * 86_400))
        #expect(scene.states == [.failed])
        #expect(scene.endpoint(id)?.disabled == .failing)
    }

    @Test("after long failure an endpoint is switched off: its owner gets one mail, and it gets no events")
    func disabling() async throws {
        let scene = WebhookScene(nil)
        let id = try await scene.endpoint()
        scene.work.arrange { store in
            store.webhookEndpoints[id]?.failed(at: scene.clock.now - .seconds(3 * 86_400))
        }
        try await scene.publish(1)
        scene.work.arrange { store in
            for id in store.webhookDeliveries.keys {
                for _ in 1...10 {
                    store.webhookDeliveries[id]?.failed(WebhookScene.attempt(nil, scene.clock.now), jitter: 0)
                }
                store.webhookDeliveries[id]?.postpone(until: scene.clock.now)
            }
        }
        try await scene.publish(2)
        try await scene.runJobs()
        #expect(scene.endpoint(id)?.disabled == .failing)
        #expect(scene.states == [.failed, .failed])
        let mail = try #require(scene.work.notifications.first)
        #expect(scene.work.notifications.count == 1)
        #expect(mail.template == .webhookDisabled)
        #expect(mail.userID == WebhookScene.principal.userID)
        #expect(scene.work.store.auditLines.contains("done webhook.disabled"))
        try await scene.publish(3)
        #expect(scene.deliveries.count == 2)
        #expect(scene.log.messages == ["a webhook was switched off: nothing arrived"])
    }

    @Test("one arrival ends the time of failing")
    func recovering() async throws {
        let scene = WebhookScene(500)
        let id = try await scene.endpoint()
        try await scene.publish(1)
        try await scene.runJobs()
        #expect(scene.endpoint(id)?.failingSince == scene.clock.now)
        scene.answer(204)
        scene.clock.advance(by: .seconds(5))
        try await scene.runJobs()
        #expect(scene.states == [.delivered])
        #expect(scene.endpoint(id)?.failingSince == nil)
    }

    @Test("a receiver that is gone (410) is switched off at once")
    func gone() async throws {
        let scene = WebhookScene(410)
        let id = try await scene.endpoint()
        try await scene.publish(1)
        try await scene.runJobs()
        #expect(scene.endpoint(id)?.disabled == .gone)
        #expect(scene.states == [.failed])
    }

    @Test("a receiver says how long it wants to be left alone, but not for longer than a day")
    func retryAfter() async throws {
        for (wish, granted) in [(600, 600), (1, 5), (10_000_000, 86_400)] as [(Int64, Int64)] {
            let scene = WebhookScene()
            scene.answer(429, retryAfter: .seconds(wish))
            try await scene.endpoint()
            try await scene.publish(1)
            try await scene.runJobs()
            #expect(scene.deliveries.first?.nextAttemptAt == scene.clock.now + .seconds(granted))
        }
    }

    @Test("while its host is left alone nothing counts as an attempt")
    func paused() async throws {
        let scene = WebhookScene()
        scene.sender.answer { _ in .paused(.seconds(90)) }
        try await scene.endpoint()
        try await scene.publish(1)
        try await scene.runJobs()
        #expect(scene.deliveries.map(\.attempts) == [0])
        #expect(scene.deliveries.map(\.nextAttemptAt) == [scene.clock.now + .seconds(90)])
    }

    @Test("with an order each event waits for the one before, also while that one fails")
    func ordered() async throws {
        let scene = WebhookScene(500)
        try await scene.endpoint(isOrdered: true)
        for number in 1...3 as ClosedRange<UInt64> { try await scene.publish(number) }
        try await scene.runJobs()
        #expect(scene.sender.sent.map(\.event.body) == ["{1}"])
        scene.answer(200)
        scene.clock.advance(by: .seconds(5))
        try await scene.runJobs()
        #expect(scene.sender.sent.map(\.event.body) == ["{1}", "{1}", "{2}", "{3}"])
        #expect(scene.states == [.delivered, .delivered, .delivered])
    }

    @Test("without an order events do not wait for each other")
    func unordered() async throws {
        let scene = WebhookScene(500)
        try await scene.endpoint()
        for number in 1...3 as ClosedRange<UInt64> { try await scene.publish(number) }
        try await scene.runJobs()
        #expect(scene.sender.sent.count == 3)
    }

    @Test("the end of an order starts what waited for its turn")
    func orderEnds() async throws {
        let scene = WebhookScene(500)
        let id = try await scene.endpoint(isOrdered: true)
        for number in 1...3 as ClosedRange<UInt64> { try await scene.publish(number) }
        try await scene.runJobs()
        _ = try await scene.manage.change(id, by: WebhookScene.principal) { $0.isOrdered = false }
        try await scene.runJobs()
        #expect(scene.sender.sent.map(\.event.body) == ["{1}", "{2}", "{3}"])
    }

    @Test("a secret is shown once; after a rotation both sign for a day")
    func rotation() async throws {
        let scene = WebhookScene()
        let id: WebhookEndpointID = scene.identifiers.next()
        let settings = WebhookSettings(
            url: "https://a.example/", description: "", eventTypes: ["*"], isOrdered: false)
        guard case .done(_, let text) = try await scene.manage.create(id, settings, by: WebhookScene.principal),
            case .done(_, let again) = try await scene.manage.create(id, settings, by: WebhookScene.principal),
            case .done(_, let rotated) = try await scene.manage.rotateSecret(id, by: WebhookScene.principal)
        else { throw InternalFailure("a webhook was refused") }
        #expect(text?.reveal() == "whsec_[1]")
        #expect(again == nil)
        #expect(rotated?.reveal() == "whsec_[3]")
        try await scene.publish(1)
        try await scene.runJobs()
        scene.clock.advance(by: WebhookEndpoint.rotationPeriod)
        try await scene.publish(2)
        try await scene.runJobs()
        #expect(scene.sender.sent.map(\.secrets) == [[[3], [1]], [[3]]])
    }

    @Test("what has ended is sent again, one or a range, under the same id")
    func redelivery() async throws {
        let scene = WebhookScene(410)
        let id = try await scene.endpoint()
        try await scene.publish(1)
        try await scene.runJobs()
        let log = WebhookLogService(work: scene.work, clock: scene.clock)
        let delivery = try #require(scene.deliveries.first)
        guard case .isDisabled = try await log.restart(delivery.id, of: id, by: WebhookScene.principal) else {
            throw InternalFailure("a webhook that is switched off was sent something")
        }
        scene.answer(200)
        _ = try await scene.manage.setEnabled(true, id, by: WebhookScene.principal)
        _ = try await log.restart(delivery.id, of: id, by: WebhookScene.principal)
        try await scene.runJobs()
        #expect(scene.states == [.delivered])
        scene.clock.advance(by: .seconds(10))
        try await scene.publish(2)
        try await scene.runJobs()
        guard
            case .done(let again) = try await log.restart(
                from: delivery.createdAt, to: delivery.createdAt + .seconds(1), [.delivered], of: id,
                by: WebhookScene.principal)
        else { throw InternalFailure("a range was refused") }
        try await scene.runJobs()
        #expect(again.map(\.id) == [delivery.id])
        #expect(scene.sender.sent.map(\.event.body) == ["{1}", "{1}", "{2}", "{1}"])
        #expect(Set(scene.sender.sent.map(\.event.id)).count == 2)
    }

    @Test("two runs of one attempt count once")
    func twice() async throws {
        let scene = WebhookScene(500)
        try await scene.endpoint()
        try await scene.publish(1)
        let delivery = try #require(scene.deliveries.first)
        let deliver = scene.deliver
        scene.sender.answer { [clock = scene.clock] _ in
            scene.answer(500)
            _ = try await deliver(delivery.id, round: 0)
            return .tried(WebhookScene.attempt(500, clock.now))
        }
        _ = try await deliver(delivery.id, round: 0)
        #expect(scene.sender.sent.count == 2)
        #expect(scene.deliveries.map(\.attempts) == [1])
    }

    @Test("a URL that the guard refuses makes no endpoint and changes none")
    func refusedURL() async throws {
        let scene = WebhookScene()
        let id = try await scene.endpoint()
        let settings = WebhookSettings(url: "http://a.example", description: "", eventTypes: ["*"], isOrdered: false)
        guard
            case .refused(.invalidURL(let message)) = try await scene.manage.create(
                scene.identifiers.next(), settings, by: WebhookScene.principal),
            case .invalidURL = try await scene.manage.change(
                id, by: WebhookScene.principal, { $0.url = "http://a.example" })
        else { throw InternalFailure("a bad URL was taken") }
        #expect(message == "must begin with https://")
        #expect(scene.work.store.webhookEndpoints.count == 1)
    }

    @Test("a type of which no event leaves makes no endpoint and changes none; one of before stays")
    func unknownType() async throws {
        let scene = WebhookScene()
        let id = try await scene.endpoint(["*", "role.changed"])
        let settings = WebhookSettings(
            url: "https://a.example", description: "", eventTypes: ["user.created", "user.creatd"], isOrdered: false)
        guard
            case .refused(.unknownEventType("user.creatd", at: 1)) = try await scene.manage.create(
                scene.identifiers.next(), settings, by: WebhookScene.principal),
            case .unknownEventType("user.creatd", at: 0) = try await scene.manage.change(
                id, by: WebhookScene.principal, { $0.eventTypes = ["user.creatd"] })
        else { throw InternalFailure("an unknown type was taken") }
        #expect(scene.work.store.webhookEndpoints.count == 1)
        // The module that published it is gone.
        let fewer = ManageWebhooksService(
            work: scene.work, sender: scene.sender, secrets: scene.secrets, eventTypes: [], clock: scene.clock)
        guard
            case .done(let endpoint) = try await fewer.change(
                id, by: WebhookScene.principal, { $0.description = "Billing" })
        else { throw InternalFailure("the description did not change") }
        #expect(endpoint.settings.eventTypes == ["*", "role.changed"])
    }
}

@Suite("The types of events")
struct WebhookEventTypeTests {
    @Test("are words with dots, or everything", arguments: ["*", "user.created", "api_key.revoked", "a.b.c.d"])
    func good(text: String) { #expect(WebhookSettings.isEventType(text)) }

    @Test(
        "are nothing else",
        arguments: ["", "user", "User.created", "user.", ".created", "user..created", "user.*", "a.b.c.d.e", "a b.c"])
    func bad(text: String) { #expect(!WebhookSettings.isEventType(text)) }
}
