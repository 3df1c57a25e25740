import Shared

/// Takes an event that rules may turn into a message.
package protocol QueueNotification: Sendable {
    func callAsFunction(_ command: QueueNotificationCommand) async throws
}

package struct QueueNotificationCommand: Sendable {
    package let eventID: Identifier
    package let eventType: String
    /// What the message would be about.
    package let reference: Identifier

    package init(eventID: Identifier, eventType: String, reference: Identifier) {
        self.eventID = eventID
        self.eventType = eventType
        self.reference = reference
    }
}
