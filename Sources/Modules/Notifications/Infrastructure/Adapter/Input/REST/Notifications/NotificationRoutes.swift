import Authorization
import HTTP
import Lists
import NotificationsApplication
import NotificationsDomain
import Shared

/// The log of messages, and the rules that send them.
struct NotificationRoutes: Sendable {
    let log: NotificationLogService
    let rules: ManageRulesService
    let gate: any Gate
    let cursors: ListCursors

    static let tag = "Notifications"

    var routes: [Route] { [listRoute, rulesRoute, changeRulesRoute] }

    private var listRoute: Route {
        Route(
            list: "/notifications",
            Operation(
                "listNotifications",
                "Messages, the newest first: what became of each, by which server it went, or why it did not go",
                tag: Self.tag),
            needs: .permission(NotificationsPermission.notificationsRead), gate: gate, cursors: cursors,
            reads: NotificationsQuery.self
        ) { _, query, part, _ in
            try await log.list(query.filter, part).map { NotificationAnswer(notification: $0) }
        }
    }

    private var rulesRoute: Route {
        Route(
            .get, "/notifications/rules",
            Operation(
                "readNotificationRules", "Which event sends which template to whom, and whether it does",
                tag: Self.tag, answers: [.json(200, RulesAnswer.self, "All rules")]),
            needs: .permission(NotificationsPermission.notificationsRead), gate: gate
        ) { _, _ in .json(RulesAnswer(rules: try await rules.read())) }
    }

    private var changeRulesRoute: Route {
        Route(
            .put, "/notifications/rules",
            Operation(
                "changeNotificationRules",
                "Switch rules on or off, everywhere within a second; those that are not named stay. Rules of security mails "
                    + "cannot be switched off",
                tag: Self.tag, answers: [.json(200, RulesAnswer.self, "All rules"), .problem(.securityMail)]),
            needs: .permission(NotificationsPermission.notificationsWrite), gate: gate,
            reads: .body(ChangeRulesBody.self)
        ) { _, body, principal in
            switch try await rules.change(body.switches, by: principal) {
            case .changed(let rules): return .json(RulesAnswer(rules: rules))
            case .unknown(let indices):
                throw Problem.validation(indices.map { FieldError("rules[\($0)]", "is not a rule that there is") })
            case .required(let indices):
                let names = indices.map { body.switches[$0].template }.joined(separator: ", ")
                throw Problem(.securityMail, "People cannot do without: \(names)")
            }
        }
    }
}
