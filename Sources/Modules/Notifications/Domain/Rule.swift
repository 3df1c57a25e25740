/// Which event sends which template.
package struct Rule: Sendable, Hashable {
    package let eventType: String
    package let template: NotificationTemplate

    package init(on eventType: String, send template: NotificationTemplate) {
        self.eventType = eventType
        self.template = template
    }

    /// Those that an account hangs on cannot be switched off.
    package var isRequired: Bool { template.kind.isRequired }

    package static let shipped: [Rule] = [
        Rule(on: "user.created", send: .verifyEmail),
        Rule(on: "user.verification_requested", send: .verifyEmail),
        Rule(on: "user.verified", send: .welcome),
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
        Rule(on: "mfa.enabled", send: .mfaEnabled),
        Rule(on: "mfa.disabled", send: .mfaDisabled),
        Rule(on: "mfa.locked", send: .mfaLocked),
        Rule(on: "recovery_code.used", send: .recoveryCodeUsed),
        Rule(on: "recovery_codes.made", send: .recoveryCodesMade),
        Rule(on: "mfa.reset_requested", send: .mfaResetRequested),
        Rule(on: "mfa.reset", send: .mfaReset),
        Rule(on: "user.logged_in", send: .newDevice),
        Rule(on: "identity.linked", send: .identityLinked),
        Rule(on: "identity.unlinked", send: .identityUnlinked),
        Rule(on: "api_key.created", send: .apiKeyCreated),
        Rule(on: "api_key.changed", send: .apiKeyChanged),
        Rule(on: "api_key.revoked", send: .apiKeyRevoked),
        Rule(on: "api_key.services_needed", send: .apiKeyServices),
        Rule(on: "quota.threshold_reached", send: .quotaThreshold),
        Rule(on: "quota.exhausted", send: .quotaExhausted),
    ]
}

/// The rules as an installation has them: those that are shipped, each on or off.
package struct RuleSet: Sendable, Equatable {
    private let switched: [Rule: Bool]

    /// - Parameter switched: what administrators have said. What they have said nothing about is on, and so are rules
    ///   that cannot be switched off.
    package init(_ switched: [Rule: Bool] = [:]) {
        self.switched = switched
    }

    package func isEnabled(_ rule: Rule) -> Bool { rule.isRequired || switched[rule] ?? true }

    /// What an event sends.
    package func templates(for eventType: String) -> [NotificationTemplate] {
        Rule.shipped.filter { $0.eventType == eventType && isEnabled($0) }.map(\.template)
    }
}
