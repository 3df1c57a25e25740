import NotificationsContract
import NotificationsDomain
import Shared

/// The unit of work of Notifications.
package typealias NotificationsWork = UnitOfWork<any NotificationsContext>

/// What a unit of work can reach.
package protocol NotificationsContext: UnitOfWorkContext {
    var notifications: any NotificationRepository { get }
    var suppressions: any MailSuppressionRepository { get }
    var webhookEndpoints: any WebhookEndpointRepository { get }
    var webhookDeliveries: any WebhookDeliveryRepository { get }
    var webhookQueue: any WebhookQueue { get }
}

package protocol NotificationRepository {
    /// Does nothing if there is one with the same dedupe key.
    func insert(_ notification: Notification) throws
    func update(_ notification: Notification) throws
    /// Lets nobody else send a queued one for a while, or until it is updated.
    ///
    /// - Returns: false if somebody else is at it, it is not queued any more, or somebody has postponed it.
    func claim(_ id: NotificationID, at now: Timestamp, until end: Timestamp) throws -> Bool
    /// Of one that the caller has claimed.
    func extendClaim(_ id: NotificationID, until end: Timestamp) throws
    /// Queued ones whose next attempt has come and that nobody has claimed, the oldest first.
    ///
    /// - Parameter retried: those that were tried before; else those that were not.
    func due(at now: Timestamp, retried: Bool, limit: Int) throws -> [Notification]
    /// Everything of a person, the newest first.
    func all(of userID: Identifier) throws -> [Notification]
    func removeAll(of userID: Identifier) throws
}

/// Addresses that get no mail, by their key.
package protocol MailSuppressionRepository {
    func find(_ address: EmailAddress) throws -> MailSuppression?
    /// Replaces an earlier one of the same address.
    func put(_ suppression: MailSuppression) throws
    func remove(_ address: EmailAddress) throws
    /// Those that a person's mails led to, by the address.
    func all(of userID: Identifier) throws -> [MailSuppression]
    func removeAll(of userID: Identifier) throws
}
