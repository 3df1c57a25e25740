import AccountsContract
import Shared

/// Something that counted and does not any more, while tokens that say otherwise may still be out.
package struct Revocation: Sendable, Equatable {
    package enum Subject: Sendable, Hashable {
        case session(SessionID)
        /// Somebody's standing changed: what others remember of it does not count. Refuses no token by itself.
        case user(UserID)
        /// A signing key, by its `kid`.
        case key(String)
    }

    package let subject: Subject
    package let createdAt: Timestamp
    /// When the last token that it could concern has expired anyway.
    package let until: Timestamp

    /// No access token lives longer, whatever is configured.
    package static let accessTokenLifetimeMax: Duration = .seconds(86_400)

    package init(of subject: Subject, at now: Timestamp) {
        self.init(subject: subject, createdAt: now, until: now + Self.accessTokenLifetimeMax)
    }

    package init(subject: Subject, createdAt: Timestamp, until: Timestamp) {
        self.subject = subject
        self.createdAt = createdAt
        self.until = until
    }
}
