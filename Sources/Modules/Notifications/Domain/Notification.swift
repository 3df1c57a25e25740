import NotificationsContract
import Shared

/// A message that shall reach somebody: what to say and about what, not yet the words. The words, with their secrets,
/// are made at the moment of sending and kept nowhere.
package struct Notification: Sendable, Equatable {
    package enum State: String, Sendable {
        case queued
        case sent
        /// There was nothing to say any more.
        case dropped
        /// Given up: refused for good, or after too many attempts.
        case failed
    }

    package let id: NotificationID
    /// The same event makes the same key, so that nobody gets a message twice.
    package let dedupeKey: String
    package let template: NotificationTemplate
    /// What the message is about, in the module that knows: for a verification its id, for a notice the user's.
    package let reference: Identifier
    /// Whose message it is; nil for those that an older version queued.
    package let userID: Identifier?
    package var state: State
    package var attempts: Int
    package var nextAttemptAt: Timestamp
    package let createdAt: Timestamp
    package var sentAt: Timestamp?

    /// - Parameter dedupeKey: see `dedupeKey(_:occasion:)`.
    package init(
        id: NotificationID, dedupeKey: String, template: NotificationTemplate, reference: Identifier,
        userID: Identifier?, state: State = .queued, attempts: Int = 0, nextAttemptAt: Timestamp, createdAt: Timestamp,
        sentAt: Timestamp? = nil
    ) {
        self.id = id
        self.dedupeKey = dedupeKey
        self.template = template
        self.reference = reference
        self.userID = userID
        self.state = state
        self.attempts = attempts
        self.nextAttemptAt = nextAttemptAt
        self.createdAt = createdAt
        self.sentAt = sentAt
    }

    package static let attemptsMax = 20

    /// - Parameter occasion: what the message is for; there is one message of a template for each.
    package static func dedupeKey(_ template: NotificationTemplate, occasion: String) -> String {
        "\(template.rawValue):\(occasion)"
    }

    package mutating func sent(at now: Timestamp) {
        state = .sent
        attempts += 1
        sentAt = now
    }

    package mutating func dropped() { state = .dropped }

    /// The server will never take it.
    package mutating func refused() {
        state = .failed
        attempts += 1
    }

    /// Not tried, because its address is suppressed.
    package mutating func suppressed() { state = .failed }

    /// - Parameter delay: until the next attempt.
    package mutating func failed(at now: Timestamp, delay: Duration) {
        attempts += 1
        if attempts >= Self.attemptsMax {
            state = .failed
        } else {
            nextAttemptAt = now + delay
        }
    }
}

/// The templates there are; each has a subject, a text and an HTML part under `templates/email/<locale>/`.
package enum NotificationTemplate: String, Sendable, CaseIterable {
    case verifyEmail = "verify_email"
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
    /// Somebody else made a key that acts for the person.
    case apiKeyCreated = "api_key_created"
    /// Somebody else changed a key of the person, or gave it another secret.
    case apiKeyChanged = "api_key_changed"
    /// Somebody else revoked a key of the person.
    case apiKeyRevoked = "api_key_revoked"
    /// Keys of the person list no services yet.
    case apiKeyServices = "api_key_services"
    case webhookDisabled = "webhook_disabled"

    /// Whether an account hangs on it: such mails can neither be switched off nor be suppressed for ever.
    package var isSecurity: Bool {
        switch self {
        case .verifyEmail, .resetPassword, .signInCode, .emailChange, .emailChangeNotice, .emailChanged,
            .reactivate, .passwordChanged, .alreadyRegistered, .accountLocked, .sessionEnded, .apiKeyCreated,
            .apiKeyChanged, .apiKeyRevoked, .apiKeyServices:
            true
        case .webhookDisabled: false
        }
    }
}
