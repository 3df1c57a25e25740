import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import Shared
import TestSupport
import Testing

/// What every implementation of `NotificationsWork` must do with webhooks, starting empty.
package struct WebhookStoreBehaviour: Sendable, CustomTestStringConvertible {
    package let testDescription: String
    package let check: @Sendable (any NotificationsWork) async throws -> Void

    private init(_ name: String, _ check: @escaping @Sendable (any NotificationsWork) async throws -> Void) {
        testDescription = name
        self.check = check
    }

    package static let all = [
        WebhookStoreBehaviour("an endpoint comes back as it was stored, and as it was changed") { work async throws in
            let stored = WebhookSample.endpoint(1)
            let isNew = try await work.write { context in
                [try context.webhookEndpoints.insert(stored), try context.webhookEndpoints.insert(stored)]
            }
            #expect(isNew == [true, false])
            #expect(try await work.read { try $0.webhookEndpoints.all() } == [stored])
            var endpoint = stored
            endpoint.change(
                WebhookSettings(url: "https://b.example/x", description: "", eventTypes: ["*"], isOrdered: true),
                at: WebhookSample.now + .seconds(1))
            endpoint.rotate(to: [7, 8], at: WebhookSample.now + .seconds(2))
            endpoint.failed(at: WebhookSample.now + .seconds(3))
            endpoint.disable(.gone, at: WebhookSample.now + .seconds(4))
            try await work.write { [endpoint] in try $0.webhookEndpoints.update(endpoint) }
            let (id, changed) = (endpoint.id, endpoint)
            #expect(try await work.read { try $0.webhookEndpoints.find(id) } == changed)
            #expect(try await work.write { try $0.webhookEndpoints.lock(id) } == changed)
        },
        WebhookStoreBehaviour("an endpoint of an account that is gone is nobody's") { work async throws in
            let (own, other) = (WebhookSample.endpoint(1, owner: 5), WebhookSample.endpoint(2, owner: 6))
            try await work.write { context in
                for endpoint in [own, other] { _ = try context.webhookEndpoints.insert(endpoint) }
                try context.webhookEndpoints.forgetOwner(SequentialIdentifiers.identifier(5))
            }
            let owners = try await work.read { try $0.webhookEndpoints.all().map(\.ownerID) }
            #expect(owners == [nil, SequentialIdentifiers.identifier(6)])
        },
        WebhookStoreBehaviour("a delivery comes back as it was stored, with its last attempt") { work async throws in
            let new = WebhookSample.delivery(11, of: 1)
            try await work.write { context in
                _ = try context.webhookEndpoints.insert(WebhookSample.endpoint(1))
                try context.webhookDeliveries.insert(new)
            }
            var failed = new
            failed.failed(WebhookSample.attempt(500), jitter: 0)
            var arrived = failed
            arrived.arrived(WebhookSample.attempt(204))
            #expect(try await work.read { try $0.webhookDeliveries.find(new.id) } == new)
            for delivery in [failed, arrived] {
                try await work.write { try $0.webhookDeliveries.update(delivery) }
                #expect(try await work.read { try $0.webhookDeliveries.find(new.id) } == delivery)
            }
        },
        WebhookStoreBehaviour("deliveries are listed by endpoint and state, the newest first, part by part") {
            work async throws in
            try await work.write { try WebhookSample.fill($0) }
            let endpoint = WebhookSample.endpoint(1).id
            let first = try await work.read { try $0.webhookDeliveries.list(of: endpoint, nil, PageRequest(limit: 2)) }
            #expect(first.items.map(\.id) == [14, 13].map(WebhookSample.id))
            let rest = try await work.read {
                try $0.webhookDeliveries.list(of: endpoint, nil, PageRequest(limit: 2, after: first.next))
            }
            #expect(rest.items.map(\.id) == [12, 11].map(WebhookSample.id))
            #expect(rest.next == nil)
            let failed = try await work.read { try $0.webhookDeliveries.list(of: endpoint, .failed, PageRequest()) }
            #expect(failed.items.map(\.id) == [13].map(WebhookSample.id))
        },
        WebhookStoreBehaviour("what is pending comes the oldest first, what has ended by its time and state") {
            work async throws in
            try await work.write { try WebhookSample.fill($0) }
            let endpoint = WebhookSample.endpoint(1).id
            let pending = try await work.read { try $0.webhookDeliveries.pending(of: endpoint, limit: 9) }
            #expect(pending.map(\.id) == [11, 14].map(WebhookSample.id))
            #expect(try await work.read { try $0.webhookDeliveries.pending(of: endpoint, limit: 1) }.count == 1)
            let ended = try await work.read {
                try $0.webhookDeliveries.ended(
                    of: endpoint, from: WebhookSample.now, to: WebhookSample.now + .seconds(13),
                    [.delivered, .failed], limit: 9)
            }
            #expect(ended.map(\.id) == [12].map(WebhookSample.id))
        },
        WebhookStoreBehaviour("an endpoint goes with its deliveries, and a subject with what has ended about it") {
            work async throws in
            try await work.write { context in
                try WebhookSample.fill(context)
                try context.webhookDeliveries.removeEnded(about: WebhookSample.subject)
            }
            let left = try await work.read { context in
                try [1, 2].map { number in
                    try context.webhookDeliveries.list(of: WebhookSample.endpoint(number).id, nil, PageRequest()).items
                        .map(\.id)
                }
            }
            #expect(left == [[14, 11].map(WebhookSample.id), [21].map(WebhookSample.id)])
            try await work.write { try $0.webhookEndpoints.remove(WebhookSample.endpoint(1).id) }
            #expect(try await work.read { try $0.webhookDeliveries.find(WebhookSample.id(11)) } == nil)
            #expect(try await work.read { try $0.webhookDeliveries.find(WebhookSample.id(21)) } != nil)
        },
    ]
}

package enum WebhookSample {
    package static let now = Timestamp(seconds: 1_790_000_000)
    package static let subject = SequentialIdentifiers.identifier(900)

    package static func id(_ number: UInt64) -> WebhookDeliveryID {
        WebhookDeliveryID(SequentialIdentifiers.identifier(number))
    }

    package static func endpoint(
        _ number: UInt64, owner: UInt64 = 5, isOrdered: Bool = false, _ eventTypes: [String] = ["user.created"]
    ) -> WebhookEndpoint {
        WebhookEndpoint(
            id: WebhookEndpointID(SequentialIdentifiers.identifier(number)),
            settings: WebhookSettings(
                url: "https://a.example/hooks", description: "Billing", eventTypes: eventTypes, isOrdered: isOrdered),
            ownerID: SequentialIdentifiers.identifier(owner), secret: [1, 2, 3], createdAt: now, updatedAt: now)
    }

    package static func event(_ number: UInt64, _ type: String = "user.created") -> WebhookEvent {
        WebhookEvent(
            id: SequentialIdentifiers.identifier(1_000 + number), type: type, subject: subject,
            body: #"{"number":\#(number)}"#)
    }

    package static func delivery(_ number: UInt64, of endpoint: UInt64) -> WebhookDelivery {
        WebhookDelivery(
            id: id(number), endpointID: WebhookSample.endpoint(endpoint).id, event: event(number), nextAttemptAt: now,
            createdAt: now + .seconds(Int64(number)))
    }

    package static func attempt(_ status: Int?, at moment: Timestamp = now) -> WebhookAttempt {
        WebhookAttempt(
            status: status, error: status == nil ? "timedOut: Timeout was reached" : nil, answer: "so\n",
            startedAt: moment, endedAt: moment)
    }

    /// Four deliveries at the first endpoint, of which 12 arrived and 13 was given up, and one at the second.
    package static func fill(_ context: any NotificationsContext) throws {
        for number in [1, 2] as [UInt64] { _ = try context.webhookEndpoints.insert(endpoint(number)) }
        for number in 11...14 as ClosedRange<UInt64> {
            var delivery = delivery(number, of: 1)
            if number == 12 { delivery.arrived(attempt(200)) }
            if number == 13 { delivery.giveUp(at: now) }
            try context.webhookDeliveries.insert(delivery)
        }
        try context.webhookDeliveries.insert(delivery(21, of: 2))
    }
}
