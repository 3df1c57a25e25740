import AccountsContract
import Shared

/// Six digits by mail, good for one sign-in. The digits are made from this and a key; they are kept nowhere.
package struct SignInCode: Sendable, Equatable {
    package let id: SignInCodeID
    package let userID: UserID
    package let address: EmailAddress
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    /// Guesses from devices that the owner has not used.
    package var attempts: Int
    /// Guesses from the owner's devices and sessions: nobody else can use these up.
    package var ownerAttempts: Int
    package var usedAt: Timestamp?

    /// From where a guess comes. Each kind has its own tries.
    package enum Guesser: Sendable {
        case stranger
        case owner
    }

    package static let lifetime: Duration = .seconds(600)
    package static let attemptsMax = 5
    package static let attemptsPerDayMax = 20

    package init(
        id: SignInCodeID, userID: UserID, address: EmailAddress, createdAt: Timestamp, expiresAt: Timestamp,
        attempts: Int = 0, ownerAttempts: Int = 0, usedAt: Timestamp? = nil
    ) {
        self.id = id
        self.userID = userID
        self.address = address
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.attempts = attempts
        self.ownerAttempts = ownerAttempts
        self.usedAt = usedAt
    }

    /// Whether a guess may still be made.
    package func isOpen(at now: Timestamp, to guesser: Guesser = .stranger) -> Bool {
        let made = guesser == .owner ? ownerAttempts : attempts
        return usedAt == nil && made < Self.attemptsMax && expiresAt > now
    }

    package mutating func countGuess(by guesser: Guesser) {
        switch guesser {
        case .stranger: attempts += 1
        case .owner: ownerAttempts += 1
        }
    }
}

/// How often one kind of mail goes to one account.
package enum MailAllowance {
    package static let interval: Duration = .seconds(60)
    package static let perHour = 5
    /// Of all kinds together, to an address that nobody has proved: it may be a stranger's.
    package static let perClaim = 3
    /// How long an address gets no mails whose owner has said that an account is not theirs.
    package static let quietTime: Duration = .seconds(30 * 86_400)

    /// - Parameter sent: when mails of this kind were asked for in the last hour.
    package static func allows(after sent: [Timestamp], at now: Timestamp) -> Bool {
        let sent = sent.filter { !$0.isAhead(of: now) }
        return delay(after: sent, at: now) == nil && sent.allSatisfy { now - $0 >= interval }
    }

    /// How long until the hour has room for one more; nil if it has.
    package static func delay(after sent: [Timestamp], at now: Timestamp) -> Duration? {
        let recent = sent.filter { now - $0 < .seconds(3_600) && !$0.isAhead(of: now) }.sorted()
        guard recent.count >= perHour, let first = recent.suffix(perHour).first else { return nil }
        return first + .seconds(3_600) - now
    }
}
