import NotificationsContract
import NotificationsDomain
import Shared

package protocol WebhookEndpointRepository {
    /// By their ids.
    func all() throws -> [WebhookEndpoint]
    func find(_ id: WebhookEndpointID) throws -> WebhookEndpoint?
    /// As `find`; nobody else changes it or its deliveries until the work ends.
    func lock(_ id: WebhookEndpointID) throws -> WebhookEndpoint?
    /// - Returns: false if there is one of this id.
    func insert(_ endpoint: WebhookEndpoint) throws -> Bool
    func update(_ endpoint: WebhookEndpoint) throws
    /// With its deliveries.
    func remove(_ id: WebhookEndpointID) throws
    /// Those of an account that is gone stay, and are nobody's.
    func forgetOwner(_ userID: Identifier) throws
}

package protocol WebhookDeliveryRepository {
    func insert(_ delivery: WebhookDelivery) throws
    func find(_ id: WebhookDeliveryID) throws -> WebhookDelivery?
    func update(_ delivery: WebhookDelivery) throws
    /// Of one endpoint, the newest first.
    ///
    /// - Parameter state: nil for all.
    func list(
        of endpoint: WebhookEndpointID, _ state: WebhookDelivery.State?, _ part: PageRequest<NewestFirst>
    ) throws -> Page<WebhookDelivery, NewestFirst>
    /// The oldest of an endpoint that are pending.
    func pending(of endpoint: WebhookEndpointID, limit: Int) throws -> [WebhookDelivery]
    /// Those that were made within a time and have one of the states, the oldest first.
    func ended(
        of endpoint: WebhookEndpointID, from start: Timestamp, to end: Timestamp, _ states: [WebhookDelivery.State],
        limit: Int
    ) throws -> [WebhookDelivery]
    /// What has ended and is about a subject.
    func removeEnded(about subject: Identifier) throws
}

/// Starts attempts in the background.
package protocol WebhookQueue {
    /// At its next attempt's moment, once the work commits. A round that was started already is not started twice.
    func start(_ delivery: WebhookDelivery) throws
}
