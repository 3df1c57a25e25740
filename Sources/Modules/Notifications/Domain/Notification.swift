import NotificationsContract
import Shared

/// A message that shall reach somebody: what to say and about what, not yet the words. The words, with their secrets,
/// are made at the moment of sending and kept nowhere.
package struct Notification: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case queued
        case sent
        /// There was nothing to say any more.
        case dropped
        /// Given up: refused for good, or after too many attempts.
        case failed
    }

    /// Why a message was not sent: a stable code.
    package enum Reason: String, Sendable, CaseIterable {
        /// The address had as many mails as it may.
        case limited
        /// The person does not want this kind.
        case unsubscribed
        case suppressed
        case addressRefused = "address_refused"
        case mailRefused = "mail_refused"
        case attemptsUsedUp = "attempts_used_up"
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
    /// What the event said that nobody can be asked for later: numbers and names, no secrets.
    package let details: [String: String]
    /// Nil if there was nothing to say, and while it is queued.
    package var reason: Reason?
    /// Which server took it.
    package var provider: String?
    /// Where it went, as a digest.
    package var addressDigest: AddressDigest?

    /// - Parameter dedupeKey: see `dedupeKey(_:occasion:)`.
    package init(
        id: NotificationID, dedupeKey: String, template: NotificationTemplate, reference: Identifier,
        userID: Identifier?, state: State = .queued, attempts: Int = 0, nextAttemptAt: Timestamp, createdAt: Timestamp,
        sentAt: Timestamp? = nil, details: [String: String] = [:], reason: Reason? = nil, provider: String? = nil,
        addressDigest: AddressDigest? = nil
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
        self.details = details
        self.reason = reason
        self.provider = provider
        self.addressDigest = addressDigest
    }

    package static let attemptsMax = 20

    /// - Parameter occasion: what the message is for; there is one message of a template for each.
    package static func dedupeKey(_ template: NotificationTemplate, occasion: String) -> String {
        "\(template.rawValue):\(occasion)"
    }

    package mutating func sent(by provider: String, to address: AddressDigest, at now: Timestamp) {
        state = .sent
        attempts += 1
        sentAt = now
        self.provider = provider
        addressDigest = address
    }

    /// - Parameter reason: nil if there is nothing to say any more.
    package mutating func dropped(because reason: Reason? = nil) {
        state = .dropped
        self.reason = reason
    }

    /// The server will never take it.
    package mutating func refused(because reason: Reason) {
        state = .failed
        attempts += 1
        self.reason = reason
    }

    /// Not tried, because its address is suppressed.
    package mutating func suppressed() {
        state = .failed
        reason = .suppressed
    }

    /// - Parameter delay: until the next attempt.
    package mutating func failed(at now: Timestamp, delay: Duration) {
        attempts += 1
        if attempts >= Self.attemptsMax {
            state = .failed
            reason = .attemptsUsedUp
        } else {
            nextAttemptAt = now + delay
        }
    }
}
