import Shared

/// One consumer's interest in one type of event; a value in a module's wiring.
package struct Subscription: Sendable {
    package let type: String
    /// Names the consumer in its inbox; never changed, or it would have every event again.
    package let consumer: String
    package let handle: @Sendable (EventEnvelope) async throws -> Void

    /// - Parameter handle: may be called more than once for one event; see `Inbox`.
    package static func on<Event: DomainEvent>(
        _: Event.Type, consumer: String,
        handle: @escaping @Sendable (_ event: Event, _ envelope: EventEnvelope) async throws -> Void
    ) -> Subscription {
        Subscription(type: Event.type, consumer: consumer) { envelope in
            try await handle(try EventCoding.decode(Event.self, from: envelope.data), envelope)
        }
    }

    /// For an event of a module that is not a neighbour: known by its type's name, read by the shape of its `data`.
    ///
    /// - Parameter handle: may be called more than once for one event; see `Inbox`.
    package static func on<Payload: Decodable & Sendable>(
        type: String, reading _: Payload.Type, consumer: String,
        handle: @escaping @Sendable (_ payload: Payload, _ envelope: EventEnvelope) async throws -> Void
    ) -> Subscription {
        Subscription(type: type, consumer: consumer) { envelope in
            try await handle(try EventCoding.decode(Payload.self, from: envelope.data), envelope)
        }
    }
}

/// Takes events to their consumers, at least once.
package protocol EventBus: Sendable {
    /// Returns when the event is in safe hands: the outbox forgets it then.
    func publish(_ envelope: EventEnvelope) async throws
}

/// The embedded bus: calls every consumer of this process; the outbox is its queue.
package struct InProcessEventBus: EventBus {
    private let subscriptions: [String: [Subscription]]

    package init(_ subscriptions: [Subscription]) {
        self.subscriptions = Dictionary(grouping: subscriptions, by: \.type)
    }

    /// Every consumer has its turn even if one fails; the whole is then delivered again.
    package func publish(_ envelope: EventEnvelope) async throws {
        var failure: (any Error)?
        for subscription in subscriptions[envelope.type] ?? [] {
            do {
                try await subscription.handle(envelope)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }
}
