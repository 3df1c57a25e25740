import Shared

/// One message to one person.
package struct NotificationID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}
