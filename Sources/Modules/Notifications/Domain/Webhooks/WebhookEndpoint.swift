import NotificationsContract
import Shared

/// Another system's URL that hears of events.
package struct WebhookEndpoint: Sendable, Equatable {
    /// Why an endpoint gets nothing.
    package enum Disabling: String, Sendable {
        /// By hand.
        case staff
        /// Nothing arrived for days.
        case failing
        /// It answered 410: it does not want to hear any more.
        case gone
    }

    /// A secret for signing, encrypted, and until when it counts.
    package struct OlderSecret: Sendable, Equatable {
        package let sealed: [UInt8]
        package let until: Timestamp

        package init(sealed: [UInt8], until: Timestamp) {
            self.sealed = sealed
            self.until = until
        }
    }

    package let id: WebhookEndpointID
    package private(set) var settings: WebhookSettings
    /// Whose notice it is when the endpoint is switched off; nil once that account is gone.
    package let ownerID: Identifier?
    package private(set) var secret: [UInt8]
    package private(set) var olderSecret: OlderSecret?
    package private(set) var disabled: Disabling?
    /// Of the first failure since the latest delivery that arrived.
    package private(set) var failingSince: Timestamp?
    package let createdAt: Timestamp
    package private(set) var updatedAt: Timestamp

    package init(
        id: WebhookEndpointID, settings: WebhookSettings, ownerID: Identifier?, secret: [UInt8],
        olderSecret: OlderSecret? = nil, disabled: Disabling? = nil, failingSince: Timestamp? = nil,
        createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.settings = settings
        self.ownerID = ownerID
        self.secret = secret
        self.olderSecret = olderSecret
        self.disabled = disabled
        self.failingSince = failingSince
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// Both secrets sign for so long after a rotation.
    package static let rotationPeriod: Duration = .seconds(86_400)
    /// An endpoint at which nothing arrived for so long is switched off when a delivery is given up.
    package static let patience: Duration = .seconds(3 * 86_400)
    /// How many an installation has at most.
    package static let countMax = 100

    package var isEnabled: Bool { disabled == nil }

    package func wants(_ eventType: String) -> Bool {
        isEnabled && settings.eventTypes.contains { $0 == WebhookSettings.everything || $0 == eventType }
    }

    /// What signs now, the newest first.
    package func secrets(at now: Timestamp) -> [[UInt8]] {
        [secret] + (olderSecret.map { now < $0.until ? [$0.sealed] : [] } ?? [])
    }

    package mutating func change(_ settings: WebhookSettings, at now: Timestamp) {
        self.settings = settings
        updatedAt = now
    }

    /// - Parameter new: encrypted.
    package mutating func rotate(to new: [UInt8], at now: Timestamp) {
        olderSecret = OlderSecret(sealed: secret, until: now + Self.rotationPeriod)
        secret = new
        updatedAt = now
    }

    package mutating func enable(at now: Timestamp) {
        disabled = nil
        failingSince = nil
        updatedAt = now
    }

    package mutating func disable(_ reason: Disabling, at now: Timestamp) {
        disabled = reason
        updatedAt = now
    }

    package mutating func succeeded() { failingSince = nil }

    package mutating func failed(at now: Timestamp) { failingSince = failingSince ?? now }

    /// Whether nothing has arrived for so long that going on makes no sense.
    package func isHopeless(at now: Timestamp) -> Bool { failingSince.map { now - $0 >= Self.patience } ?? false }
}

/// What whoever keeps an endpoint decides about it.
package struct WebhookSettings: Sendable, Equatable {
    package var url: String
    package var description: String
    /// Types of events, or `*` for all.
    package var eventTypes: [String]
    /// Whether an event waits until those before it have arrived or were given up.
    package var isOrdered: Bool

    package init(url: String, description: String, eventTypes: [String], isOrdered: Bool) {
        self.url = url
        self.description = description
        self.eventTypes = eventTypes
        self.isOrdered = isOrdered
    }

    package static let everything = "*"

    /// Without path and query, which may hold secrets.
    package var host: String {
        let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        return String(rest.prefix { $0 != "/" && $0 != "?" })
    }

    /// `*`, or lower-case words with dots: `user.created`.
    package static func isEventType(_ text: String) -> Bool {
        if text == everything { return true }
        let words = text.split(separator: ".", omittingEmptySubsequences: false)
        return (2...4).contains(words.count) && text.utf8.count <= 100
            && words.allSatisfy { word in
                !word.isEmpty && word.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
            }
    }
}
