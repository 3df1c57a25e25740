import NotificationsDomain
import Shared

/// What is held about a person's messages: which, when, and addresses that get none.
package struct PersonalMailsExport: Sendable {
    /// The newest first.
    package let notifications: [Notification]
    package let suppressions: [MailSuppression]
    package let preferences: [NotificationPreference]

    package init(
        notifications: [Notification], suppressions: [MailSuppression], preferences: [NotificationPreference]
    ) {
        self.notifications = notifications
        self.suppressions = suppressions
        self.preferences = preferences
    }
}
