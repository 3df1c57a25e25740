import Shared

/// What Notifications asks of those who use its routes.
package enum NotificationsPermission {
    package static let webhooksRead = DeclaredPermission("webhooks", "read", reach: .platform)
    package static let webhooksWrite = DeclaredPermission("webhooks", "write", reach: .platform)

    package static let notificationsRead = DeclaredPermission("notifications", "read", reach: .platform)
    /// Whoever has it can keep mails from people, which no program shall.
    package static let notificationsWrite = DeclaredPermission(
        "notifications", "write", reach: .platform, isForKeys: false)

    package static let all = [webhooksRead, webhooksWrite, notificationsRead, notificationsWrite]
}
