import Shared

/// What Notifications asks of those who use its routes.
package enum NotificationsPermission {
    package static let webhooksRead = DeclaredPermission("webhooks", "read", reach: .platform)
    package static let webhooksWrite = DeclaredPermission("webhooks", "write", reach: .platform)

    package static let notificationsRead = DeclaredPermission("notifications", "read", reach: .platform)
    package static let notificationsWrite = DeclaredPermission("notifications", "write", reach: .platform)

    package static let all = [webhooksRead, webhooksWrite, notificationsRead, notificationsWrite]
}
