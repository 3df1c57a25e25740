import NotificationsDomain
import Shared

/// Sends what is queued and due, one message at a time; how many at once is the caller's to decide.
package protocol SendNotifications: Sendable {
    /// Messages whose time has come, the oldest first. The caller leaves out those that it is at.
    ///
    /// - Parameters:
    ///   - retriedMax: how many at the most that were tried before; they come first.
    ///   - newMax: how many at the most that were not.
    func due(retriedMax: Int, newMax: Int) async throws -> [Notification]

    /// Tries to send one.
    ///
    /// - Returns: what became of it, to be noted; nil if another process sends it, or the task was cancelled before
    ///   anything became of it.
    func attempt(_ notification: Notification) async -> SendingAttempt?

    /// Notes what became of a message. Until then it counts as queued: after a crash between the two the same mail is
    /// sent again rather than none.
    func note(_ attempt: SendingAttempt) async throws
}

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
