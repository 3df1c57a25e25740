import NotificationsDomain
import Shared

/// A person's right to what is held about their messages, and to have it forgotten.
package protocol PersonalMails: Sendable {
    func export(_ person: Identifier) async throws -> PersonalMailsExport

    /// Forgets the messages of an account that is gone, also those that were still to be sent, and the addresses that
    /// were refused.
    func forget(_ person: Identifier, eventID: Identifier) async throws
}

/// What is held about a person's messages: which, when, and addresses that get none.
package struct PersonalMailsExport: Sendable {
    /// The newest first.
    package let notifications: [Notification]
    package let suppressions: [MailSuppression]

    package init(notifications: [Notification], suppressions: [MailSuppression]) {
        self.notifications = notifications
        self.suppressions = suppressions
    }
}
