import Shared

/// One consumer's interest in one type of event; a value in a module's wiring.
package struct Subscription: Sendable {
    package let type: String
    /// The consumer group, by which the inbox knows events too; never changed, or it would have every event again.
    package let consumer: String
    /// Those of a batch that concern it; nil where all of its type do.
    fileprivate var choose: (@Sendable ([EventEnvelope]) async throws -> [EventEnvelope])?
    package let handle: @Sendable (EventEnvelope) async throws -> Void

    package init(
        type: String, consumer: String, handle: @escaping @Sendable (EventEnvelope) async throws -> Void
    ) {
        self.type = type
        self.consumer = consumer
        self.handle = handle
    }

    /// - Parameter handle: may be called more than once for one event; see `Inbox`.
    package static func on<Event: DomainEvent>(
        _: Event.Type, consumer: String,
        handle: @escaping @Sendable (_ event: Event, _ envelope: EventEnvelope) async throws -> Void
    ) -> Subscription {
        Subscription(type: Event.type, consumer: consumer) { envelope in
            try await handle(try EventCoding.decode(Event.self, from: envelope.data), envelope)
        }
    }

    /// For events of whatever module and type.
    ///
    /// - Parameters:
    ///   - choose: those of a batch that concern the consumer, in their order; most concern nobody, and cost no more
    ///     than this question.
    ///   - handle: may be called more than once for one event; see `Inbox`.
    package static func onEverything(
        consumer: String, choosing choose: @escaping @Sendable ([EventEnvelope]) async throws -> [EventEnvelope],
        handle: @escaping @Sendable (EventEnvelope) async throws -> Void
    ) -> Subscription {
        var subscription = Subscription(type: everything, consumer: consumer, handle: handle)
        subscription.choose = choose
        return subscription
    }

    /// No event is of this type.
    fileprivate static let everything = "*"

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

/// Takes the events of one consumer group to it: to its handlers in this process, or out to a broker. At least once.
package protocol EventBus: Sendable {
    /// Events of one subject go one after the other, in the order of the batch; after a failure no more of its subject
    /// are tried. Subjects do not wait for each other.
    ///
    /// - Returns: the events that failed. The others, but for those behind a failed one of their subject, are in safe
    ///   hands.
    func publish(_ batch: [EventEnvelope]) async -> [Identifier: any Error]
}

/// The embedded bus: calls the handlers of one group in this process; the outbox is its queue.
package struct InProcessEventBus: EventBus {
    private let subscriptions: [String: [Subscription]]
    /// Nil for everything.
    package let types: Set<String>?

    /// - Parameter subscriptions: of one group.
    package init(_ subscriptions: [Subscription]) {
        self.subscriptions = Dictionary(grouping: subscriptions, by: \.type)
        types = self.subscriptions[Subscription.everything] == nil ? Set(self.subscriptions.keys) : nil
    }

    package func publish(_ batch: [EventEnvelope]) async -> [Identifier: any Error] {
        let wanted: [EventEnvelope]
        do {
            wanted = try await concerning(batch)
        } catch {
            return Dictionary(batch.map { ($0.id, error) }) { first, _ in first }
        }
        guard !wanted.isEmpty else { return [:] }
        return await withTaskGroup(of: (event: Identifier, error: any Error)?.self) { group in
            for events in Dictionary(grouping: wanted, by: \.subject).values {
                group.addTask { await firstFailure(of: events) }
            }
            var failures: [Identifier: any Error] = [:]
            for await failure in group {
                if let failure { failures[failure.event] = failure.error }
            }
            return failures
        }
    }

    /// Calls every handler of the event's type.
    package func deliver(_ envelope: EventEnvelope) async throws {
        for type in [envelope.type, Subscription.everything] {
            for subscription in subscriptions[type] ?? [] { try await subscription.handle(envelope) }
        }
    }

    private func concerning(_ batch: [EventEnvelope]) async throws -> [EventEnvelope] {
        if let types { return batch.filter { types.contains($0.type) } }
        guard subscriptions.count == 1, let only = subscriptions[Subscription.everything], only.count == 1,
            let choose = only[0].choose
        else { return batch }
        return try await choose(batch)
    }

    private func firstFailure(of events: [EventEnvelope]) async -> (event: Identifier, error: any Error)? {
        for event in events {
            do {
                try await deliver(event)
            } catch {
                return (event.id, error)
            }
        }
        return nil
    }
}

/// A consumer group that runs in this process.
package struct ConsumerGroup: Sendable {
    package let name: String
    /// What it hears of; nil for everything.
    package let types: Set<String>?
    package let bus: any EventBus

    package init(name: String, types: Set<String>?, bus: any EventBus) {
        self.name = name
        self.types = types
        self.bus = bus
    }

    /// The groups that handlers of this process form by their `consumer`.
    package static func groups(of subscriptions: [Subscription]) -> [ConsumerGroup] {
        Dictionary(grouping: subscriptions, by: \.consumer).sorted { $0.key < $1.key }.map { name, members in
            let bus = InProcessEventBus(members)
            return ConsumerGroup(name: name, types: bus.types, bus: bus)
        }
    }

    func hears(_ type: String) -> Bool { types?.contains(type) ?? true }
}
