import Shared

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

    package init(
        id: Identifier, source: String, type: String, subject: Identifier, time: Timestamp, traceparent: String?,
        data: String
    ) {
        self.id = id
        self.source = source
        self.type = type
        self.subject = subject
        self.time = time
        self.traceparent = traceparent
        self.data = data
    }
}
