import AccountsContract
import HTTP
import Lists
import NotificationsApplication
import NotificationsDomain
import Shared

struct NotificationsQuery: ListQuery {
    let filter: NotificationFilter
    let page: PageQuery

    init(_ fields: inout Fields) {
        let state = fields.optional("state", .choice(Notification.State.allCases.map(\.rawValue)))
        let template = fields.optional("template", .choice(NotificationTemplate.allCases.map(\.rawValue)))
        let user: UserID? = fields.optional("user_id", .id)
        filter = NotificationFilter(
            state: state.flatMap { Notification.State(rawValue: $0) },
            template: template.flatMap { NotificationTemplate(rawValue: $0) },
            userID: user?.value)
        page = PageQuery(&fields)
    }
}

struct ChangeRulesBody: Input {
    let switches: [ManageRulesService.Switch]

    init(_ fields: inout Fields) {
        switches = fields.required("rules", .list(of: .rule, 1...100)).map(\.value)
    }
}

private struct RuleBody: Input {
    let value: ManageRulesService.Switch

    init(_ fields: inout Fields) {
        value = ManageRulesService.Switch(
            eventType: fields.required("event_type", .text(1...100)),
            template: fields.required("template", .text(1...100)),
            isEnabled: fields.required("enabled", .flag))
    }
}

extension FieldType where Value == RuleBody {
    fileprivate static var rule: FieldType { .object }
}

struct AddSuppressionBody: Input {
    let address: EmailAddress
    let reason: String

    init(_ fields: inout Fields) {
        address = fields.required("address", .email)
        reason = fields.optional("reason", .name(Self.reasonLengths)) ?? Self.reason
    }

    /// In Unicode scalars.
    static let reasonLengths = 1...200
    /// If nobody says why.
    static let reason = "added by staff"
}

struct ChangePreferencesBody: Input {
    let wanted: [NotificationKind: Bool]

    init(_ fields: inout Fields) {
        let choices = fields.required("preferences", .list(of: .preference, 1...20))
        // The last word about a kind counts.
        wanted = choices.reduce(into: [:]) { wanted, choice in
            if let kind = choice.kind { wanted[kind] = choice.isEnabled }
        }
    }
}

private struct PreferenceBody: Input {
    let kind: NotificationKind?
    let isEnabled: Bool

    init(_ fields: inout Fields) {
        kind = NotificationKind(
            rawValue: fields.required("kind", .choice(NotificationKind.allCases.map(\.rawValue))))
        isEnabled = fields.required("enabled", .flag)
    }
}

extension FieldType where Value == PreferenceBody {
    fileprivate static var preference: FieldType { .object }
}

struct UnsubscribeQuery: Input {
    let token: String

    init(_ fields: inout Fields) {
        token = fields.required("token", .opaque(max: SealedUnsubscribeLinks.tokenLengthMax))
    }
}
