import NotificationsDomain
import Shared

package struct SendingAttempt: Sendable, Equatable {
    package enum Suppression: Sendable, Equatable {
        case unchanged
        case begins(MailSuppression)
        case ends(EmailAddress)
    }

    /// As it is from now on.
    package let notification: Notification
    package let suppression: Suppression

    package init(_ notification: Notification, suppression: Suppression = .unchanged) {
        self.notification = notification
        self.suppression = suppression
    }
}
