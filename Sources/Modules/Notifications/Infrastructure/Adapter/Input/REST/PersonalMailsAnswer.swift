import HTTP
import NotificationsApplication
import NotificationsDomain
import Shared

/// What Notifications holds about a person, as `GET /me/export` gives it. The words of a mail are not kept.
struct PersonalMailsAnswer: Output {
    let data: PersonalMailsExport

    static let shape = Shape<PersonalMailsAnswer>("NotificationsData") { shape in
        shape.member("messages", .list(of: .object)) { $0.data.notifications.map { MessageAnswer(notification: $0) } }
        shape.member("suppressed_addresses", .list(of: .object)) { answer in
            answer.data.suppressions.map { SuppressionAnswer(suppression: $0) }
        }
        shape.member("preferences", .list(of: .object)) { answer in
            answer.data.preferences.map { PreferenceAnswer(kind: $0.kind, isEnabled: $0.isEnabled) }
        }
    }
}

private struct MessageAnswer: Output {
    let notification: Notification

    static let shape = Shape<MessageAnswer>("Message") { shape in
        shape.member("id", .id) { $0.notification.id }
        shape.member("template", .text) { $0.notification.template.rawValue }
        shape.member("state", .text) { $0.notification.state.rawValue }
        shape.member("created_at", .timestamp) { $0.notification.createdAt }
        shape.nullable("reason", .text) { $0.notification.reason?.rawValue }
        shape.nullable("sent_at", .timestamp) { $0.notification.sentAt }
    }
}
