/// The templates there are; each has a subject, a text and an HTML part under `templates/email/<locale>/`.
package enum NotificationTemplate: String, Sendable, CaseIterable {
    case verifyEmail = "verify_email"
    case welcome
    case resetPassword = "reset_password"
    case signInCode = "login_code"
    case emailChange = "email_change"
    case emailChangeNotice = "email_change_notice"
    case emailChanged = "email_changed"
    case reactivate
    case passwordChanged = "password_changed"
    case alreadyRegistered = "already_registered"
    case accountLocked = "account_locked"
    case sessionEnded = "session_ended"
    case mfaEnabled = "mfa_enabled"
    case mfaDisabled = "mfa_disabled"
    case mfaLocked = "mfa_locked"
    case recoveryCodeUsed = "recovery_code_used"
    case recoveryCodesMade = "recovery_codes_made"
    /// An administrator is about to remove the second factors of an account; its owner can stop it.
    case mfaResetRequested = "mfa_reset_requested"
    case mfaReset = "mfa_reset"
    /// Somebody signed in on a device that the owner has not used before.
    case newDevice = "new_device"
    /// An account at another company became a way to sign in.
    case identityLinked = "identity_linked"
    /// An account at another company is no way to sign in any more.
    case identityUnlinked = "identity_unlinked"
    /// Somebody else made a key that acts for the person.
    case apiKeyCreated = "api_key_created"
    /// Somebody else changed a key of the person, or gave it another secret.
    case apiKeyChanged = "api_key_changed"
    /// Somebody else revoked a key of the person.
    case apiKeyRevoked = "api_key_revoked"
    /// Keys of the person list no services yet.
    case apiKeyServices = "api_key_services"
    case quotaThreshold = "quota_threshold"
    case quotaExhausted = "quota_exhausted"
    case webhookDisabled = "webhook_disabled"

    package var kind: NotificationKind {
        switch self {
        case .verifyEmail, .resetPassword, .signInCode, .emailChange, .emailChangeNotice, .emailChanged,
            .reactivate, .passwordChanged, .alreadyRegistered, .accountLocked, .sessionEnded, .newDevice,
            .mfaEnabled, .mfaDisabled, .mfaLocked, .recoveryCodeUsed, .recoveryCodesMade, .mfaResetRequested, .mfaReset,
            .identityLinked, .identityUnlinked, .apiKeyCreated, .apiKeyChanged, .apiKeyRevoked, .apiKeyServices:
            .security
        case .welcome: .gettingStarted
        case .quotaThreshold, .quotaExhausted: .usage
        case .webhookDisabled: .webhooks
        }
    }

    /// Whether an account hangs on it: such mails can neither be switched off nor be suppressed for ever.
    package var isSecurity: Bool { kind == .security }

    package var recipient: Recipient {
        switch self {
        case .emailChange: .newAddress
        case .emailChanged: .oldAddress
        case .webhookDisabled: .owner
        default: .account
        }
    }

    /// To whom a message goes.
    package enum Recipient: String, Sendable {
        /// The address of the account that the event is about.
        case account
        case newAddress = "new_address"
        case oldAddress = "old_address"
        /// Whoever added the webhook.
        case owner
    }
}

/// What people choose by: which messages they want.
package enum NotificationKind: String, Sendable, CaseIterable {
    case security
    case usage
    case webhooks
    case gettingStarted = "getting_started"

    /// Whether everybody gets it. The others name in each mail how to end them.
    package var isRequired: Bool { self == .security }
}
