import AccountsContract
import Shared

/// A challenge that was given out for one use of a passkey. The challenge itself is kept nowhere.
package struct PasskeyChallenge: Sendable, Equatable {
    package static let lifetime: Duration = .seconds(300)
    package static let byteCount = 32

    package enum Purpose: String, Sendable {
        case register
        case signIn = "sign_in"
        case secondStep = "second_step"
        case stepUp = "step_up"
    }

    /// SHA-256.
    package let hash: [UInt8]
    package let purpose: Purpose
    /// Whose passkey it is for; nil where anybody may sign in.
    package let userID: UserID?
    /// In which session it was asked for; nil where there is none.
    package let sessionID: SessionID?
    /// The browser that asked: the digest of its cookie.
    package let browser: [UInt8]
    package let expiresAt: Timestamp
    package var usedAt: Timestamp?

    package init(
        hash: [UInt8], purpose: Purpose, userID: UserID?, sessionID: SessionID?, browser: [UInt8],
        expiresAt: Timestamp, usedAt: Timestamp? = nil
    ) {
        self.hash = hash
        self.purpose = purpose
        self.userID = userID
        self.sessionID = sessionID
        self.browser = browser
        self.expiresAt = expiresAt
        self.usedAt = usedAt
    }

    /// Where a challenge may be answered: only where it was asked for.
    package struct Place: Sendable, Equatable {
        package let purpose: Purpose
        package let userID: UserID?
        package let sessionID: SessionID?
        package let browser: [UInt8]

        package init(_ purpose: Purpose, userID: UserID? = nil, sessionID: SessionID? = nil, browser: [UInt8]) {
            self.purpose = purpose
            self.userID = userID
            self.sessionID = sessionID
            self.browser = browser
        }
    }

    package init(hash: [UInt8], for place: Place, at now: Timestamp) {
        self.init(
            hash: hash, purpose: place.purpose, userID: place.userID, sessionID: place.sessionID,
            browser: place.browser, expiresAt: now + Self.lifetime)
    }

    /// Whether it can be answered there.
    package func isOpen(at now: Timestamp, in place: Place) -> Bool {
        expiresAt > now && !(expiresAt - Self.lifetime).isAhead(of: now)
            && Place(purpose, userID: userID, sessionID: sessionID, browser: browser) == place
    }
}
