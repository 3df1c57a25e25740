import Shared

/// Where another system hears of events.
package struct WebhookEndpointID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}

/// One event on its way to one endpoint.
package struct WebhookDeliveryID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}
