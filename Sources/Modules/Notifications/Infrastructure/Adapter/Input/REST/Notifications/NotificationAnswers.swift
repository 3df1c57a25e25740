import AccountsContract
import HTTP
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import Shared

/// A message in the log, for staff. Neither its words nor the address are kept.
struct NotificationAnswer: Output {
    let notification: Notification

    static let shape = Shape<NotificationAnswer>("Notification") { shape in
        shape.member("id", .id) { $0.notification.id }
        shape.member("template", .text) { $0.notification.template.rawValue }
        shape.member("kind", .text) { $0.notification.template.kind.rawValue }
        shape.nullable("user_id", .id) { $0.notification.userID.map { UserID($0) } }
        shape.member("state", .text) { $0.notification.state.rawValue }
        shape.nullable("reason", .text) { $0.notification.reason?.rawValue }
        shape.member("attempts", .integer) { Int64($0.notification.attempts) }
        shape.nullable("provider", .text) { $0.notification.provider }
        shape.nullable("next_attempt_at", .timestamp) {
            $0.notification.state == .queued ? $0.notification.nextAttemptAt : nil
        }
        shape.member("created_at", .timestamp) { $0.notification.createdAt }
        shape.nullable("sent_at", .timestamp) { $0.notification.sentAt }
    }
}

struct RuleAnswer: Output {
    let rule: Rule
    let isEnabled: Bool

    static let shape = Shape<RuleAnswer>("NotificationRule") { shape in
        shape.member("event_type", .text) { $0.rule.eventType }
        shape.member("template", .text) { $0.rule.template.rawValue }
        shape.member("recipient", .text) { $0.rule.template.recipient.rawValue }
        shape.member("kind", .text) { $0.rule.template.kind.rawValue }
        shape.member("enabled", .bool) { $0.isEnabled }
        shape.member("required", .bool) { $0.rule.isRequired }
    }
}

struct RulesAnswer: Output {
    let rules: RuleSet

    static let shape = Shape<RulesAnswer>("NotificationRules") { shape in
        shape.member("rules", .list(of: .object)) { answer in
            Rule.shipped.map { RuleAnswer(rule: $0, isEnabled: answer.rules.isEnabled($0)) }
        }
    }
}

struct SuppressionAnswer: Output {
    let suppression: MailSuppression

    static let shape = Shape<SuppressionAnswer>("SuppressedAddress") { shape in
        shape.member("address", .email) { $0.suppression.address }
        shape.member("reason", .text) { $0.suppression.reason }
        shape.member("by_staff", .bool) { $0.suppression.isManual }
        shape.member("created_at", .timestamp) { $0.suppression.createdAt }
    }
}

struct PreferenceAnswer: Output {
    let kind: NotificationKind
    let isEnabled: Bool

    static let shape = Shape<PreferenceAnswer>("NotificationPreference") { shape in
        shape.member("kind", .text) { $0.kind.rawValue }
        shape.member("enabled", .bool) { $0.isEnabled }
        shape.member("required", .bool) { $0.kind.isRequired }
    }
}

struct PreferencesAnswer: Output {
    let preferences: [NotificationPreference]

    static let shape = Shape<PreferencesAnswer>("NotificationPreferences") { shape in
        shape.member("preferences", .list(of: .object)) { answer in
            NotificationKind.allCases.map {
                PreferenceAnswer(kind: $0, isEnabled: answer.preferences.allow($0))
            }
        }
    }
}
