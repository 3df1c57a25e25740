import NotificationsContract
import NotificationsDomain
import Shared

/// The unit of work of Notifications.
package typealias NotificationsWork = UnitOfWork<any NotificationsContext>

/// What a unit of work can reach.
package protocol NotificationsContext: UnitOfWorkContext {
    var notifications: any NotificationRepository { get }
    var suppressions: any MailSuppressionRepository { get }
    var rules: any NotificationRuleRepository { get }
    var preferences: any NotificationPreferenceRepository { get }
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
    /// How many were sent to an address from a moment on.
    func sent(
        to address: AddressDigest, of template: NotificationTemplate, since moment: Timestamp
    ) throws -> SentCount
    /// The newest first.
    func list(
        _ filter: NotificationFilter, _ part: PageRequest<NewestFirst>
    ) throws -> Page<Notification, NewestFirst>
    /// Everything of a person, the newest first.
    func all(of userID: Identifier) throws -> [Notification]
    func removeAll(of userID: Identifier) throws
}

/// Which messages a list shows; nil for all.
package struct NotificationFilter: Sendable {
    package let state: Notification.State?
    package let template: NotificationTemplate?
    package let userID: Identifier?

    package init(
        state: Notification.State? = nil, template: NotificationTemplate? = nil, userID: Identifier? = nil
    ) {
        self.state = state
        self.template = template
        self.userID = userID
    }
}

/// Addresses that get no mail, by their key.
package protocol MailSuppressionRepository {
    func find(_ address: EmailAddress) throws -> MailSuppression?
    /// Replaces an earlier one of the same address.
    func put(_ suppression: MailSuppression) throws
    /// - Returns: false if there is none.
    @discardableResult
    func remove(_ address: EmailAddress) throws -> Bool
    /// By the address's key.
    func list(_ part: PageRequest<ByName>) throws -> Page<MailSuppression, ByName>
    /// Those that a person's mails led to, by the address.
    func all(of userID: Identifier) throws -> [MailSuppression]
    func removeAll(of userID: Identifier) throws
}

/// What administrators have said about rules.
package protocol NotificationRuleRepository {
    /// Only of rules that this version knows.
    func switched() throws -> [Rule: Bool]
    func set(_ rule: Rule, isEnabled: Bool, at now: Timestamp) throws
    /// Tells every process, once the work commits, that its memory of the rules is stale.
    func changed(at now: Timestamp) throws
}

/// What people have said about kinds of messages.
package protocol NotificationPreferenceRepository {
    func all(of userID: Identifier) throws -> [NotificationPreference]
    /// Replaces what was said before.
    func put(_ preference: NotificationPreference, of userID: Identifier) throws
    func removeAll(of userID: Identifier) throws
}
