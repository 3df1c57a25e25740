/// Which event sends which template.
package struct Rule: Sendable, Equatable {
    package let eventType: String
    package let template: NotificationTemplate

    package init(on eventType: String, send template: NotificationTemplate) {
        self.eventType = eventType
        self.template = template
    }

    package static let shipped: [Rule] = [
        Rule(on: "user.created", send: .verifyEmail),
        Rule(on: "user.verification_requested", send: .verifyEmail),
        Rule(on: "user.password_reset_requested", send: .resetPassword),
        Rule(on: "user.login_code_requested", send: .signInCode),
        Rule(on: "user.email_change_requested", send: .emailChange),
        Rule(on: "user.email_change_requested", send: .emailChangeNotice),
        Rule(on: "user.email_changed", send: .emailChanged),
        Rule(on: "user.reactivation_requested", send: .reactivate),
        Rule(on: "password.changed", send: .passwordChanged),
        Rule(on: "user.registration_repeated", send: .alreadyRegistered),
        Rule(on: "account.locked", send: .accountLocked),
        Rule(on: "session.ended_by_guessing", send: .sessionEnded),
        Rule(on: "api_key.created", send: .apiKeyCreated),
        Rule(on: "api_key.changed", send: .apiKeyChanged),
        Rule(on: "api_key.revoked", send: .apiKeyRevoked),
        Rule(on: "api_key.services_needed", send: .apiKeyServices),
    ]
}
