import Shared

package struct QueueNotificationCommand: Sendable {
    package let eventID: Identifier
    package let eventType: String
    /// What the message would be about.
    package let reference: Identifier
    /// Whose message it would be.
    package let userID: Identifier
    /// What makes two messages the same one.
    package let occasion: String
    /// What the event said that nobody can be asked for later.
    package let details: [String: String]

    /// - Parameter occasion: the reference, if there is one message about it at the most.
    package init(
        eventID: Identifier, eventType: String, reference: Identifier, userID: Identifier, occasion: String? = nil,
        details: [String: String] = [:]
    ) {
        self.eventID = eventID
        self.eventType = eventType
        self.reference = reference
        self.userID = userID
        self.occasion = occasion ?? reference.description
        self.details = details
    }
}
