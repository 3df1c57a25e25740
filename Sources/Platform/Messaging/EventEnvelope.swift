import Shared

/// How far an event may go.
package enum EventReach: String, Sendable {
    /// Only to modules of this installation.
    case `internal`
    /// Out of it too, through brokers and webhooks.
    case `public`
}

/// An event on its way: the attributes of a CloudEvents 1.0 envelope.
package struct EventEnvelope: Sendable, Equatable {
    package let id: Identifier
    /// `/gapura/accounts`
    package let source: String
    /// `user.created`
    package let type: String
    /// What it is about, and what its order is kept by.
    package let subject: Identifier
    package let time: Timestamp
    /// The W3C trace context of its cause.
    package let traceparent: String?
    /// The event's own JSON.
    package let data: String
    package let reach: EventReach
    /// Grows with every event of a subject; it shows order and repeats, not gaps.
    package let number: Int
    /// Of the data.
    package let version: Int

    package init(
        id: Identifier, source: String, type: String, subject: Identifier, time: Timestamp, traceparent: String?,
        data: String, reach: EventReach, number: Int, version: Int = 1
    ) {
        self.id = id
        self.source = source
        self.type = type
        self.subject = subject
        self.time = time
        self.traceparent = traceparent
        self.data = data
        self.reach = reach
        self.number = number
        self.version = version
    }

    /// The extension attribute of CloudEvents: 20 digits, so that texts sort as the numbers do.
    package var sequence: String {
        let digits = String(number)
        return String(repeating: "0", count: max(20 - digits.count, 0)) + digits
    }
}
