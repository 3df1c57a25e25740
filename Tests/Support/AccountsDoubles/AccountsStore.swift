import AccountsContract
import AccountsDomain
import Shared

/// What the in-memory store holds: a value, so that a unit of work changes a copy and keeps or drops it.
package struct AccountsStore: Sendable {
    package var accounts: [UserID: Account] = [:]
    package var sessions: [SessionID: Session] = [:]
    package var refreshTokens: [RefreshTokenRecord] = []
    package var validations: [ValidationID: ValidationToken] = [:]
    package var loginCodes: [LoginCodeID: LoginCode] = [:]
    package var loginFailures: [String: LoginFailures] = [:]
    /// In the order in which they were added.
    package var revocations: [Revocation] = []
    /// What was published, in order.
    package var events: [any DomainEvent] = []
    /// What was written into the audit log, in order.
    package var audit: [AuditEntry] { auditTrail.map(\.entry) }
    package var auditTrail: [AuditLine] = []

    /// A line of the audit log with its moment.
    package struct AuditLine: Sendable {
        package let time: Timestamp
        package var entry: AuditEntry
    }

    package init() {}

    /// The account, which a test knows to be there.
    package func account(_ email: String) -> Account? {
        accounts.values.first { $0.user.email.key == email.lowercased() }
    }

    /// The published events of one type.
    package func events<Event: DomainEvent>(of _: Event.Type) -> [Event] { events.compactMap { $0 as? Event } }

    /// `user.created`, `session.revoked` ...
    package var eventTypes: [String] { events.map { type(of: $0).type } }

    /// What ended, in order.
    package var revokedSubjects: [Revocation.Subject] { revocations.map(\.subject) }

    /// `done user.registered`, `refused session.open invalid_credentials` ...
    package var auditLines: [String] {
        audit.map { [$0.outcome.rawValue, $0.action, $0.reason].compactMap { $0 }.joined(separator: " ") }
    }
}
