import AccountsContract
import Shared

/// Six digits by mail, good for one sign-in. The digits are made from this and a key; they are kept nowhere.
package struct LoginCode: Sendable, Equatable {
    package let id: LoginCodeID
    package let userID: UserID
    package let address: EmailAddress
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    package var attempts: Int
    package var usedAt: Timestamp?

    package static let lifetime: Duration = .seconds(600)
    package static let attemptsMax = 5
    package static let attemptsPerDayMax = 20

    package init(
        id: LoginCodeID, userID: UserID, address: EmailAddress, createdAt: Timestamp, expiresAt: Timestamp,
        attempts: Int = 0, usedAt: Timestamp? = nil
    ) {
        self.id = id
        self.userID = userID
        self.address = address
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.attempts = attempts
        self.usedAt = usedAt
    }

    /// Whether a guess may still be made.
    package func isOpen(at now: Timestamp) -> Bool {
        usedAt == nil && attempts < Self.attemptsMax && expiresAt > now
    }
}

/// How often one kind of mail goes to one account.
package enum MailAllowance {
    package static let interval: Duration = .seconds(60)
    package static let perHour = 5

    /// - Parameter sent: when mails of this kind were asked for in the last hour.
    package static func allows(after sent: [Timestamp], at now: Timestamp) -> Bool {
        delay(after: sent, at: now) == nil && sent.allSatisfy { now - $0 >= interval }
    }

    /// How long until the hour has room for one more; nil if it has.
    package static func delay(after sent: [Timestamp], at now: Timestamp) -> Duration? {
        let recent = sent.filter { now - $0 < .seconds(3_600) }.sorted()
        guard recent.count >= perHour, let first = recent.suffix(perHour).first else { return nil }
        return first + .seconds(3_600) - now
    }
}
