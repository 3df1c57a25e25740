import Shared

/// An event of Accounts. Its JSON is the `data` of the envelope.
package protocol AccountsEvent: DomainEvent {
    var userID: UserID { get }
}

extension AccountsEvent {
    package static var source: String { "/gapura/accounts" }
    package static var isPublic: Bool { true }
    package var subject: Identifier { userID.value }
}

/// A person registered, an administrator was made, or an account was imported.
package struct UserCreated: AccountsEvent {
    package static let type = "user.created"
    package let userID: UserID
    /// The pending proof of the address; nil if none is under way.
    package let validationID: ValidationID?

    package init(userID: UserID, validationID: ValidationID?) {
        self.userID = userID
        self.validationID = validationID
    }

    private enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case validationID = "validation_id"
    }
}

/// A new proof of the address was asked for.
package struct UserVerificationRequested: AccountsEvent {
    package static let type = "user.verification_requested"
    package static let isPublic = false
    package let userID: UserID
    package let validationID: ValidationID

    package init(userID: UserID, validationID: ValidationID) {
        self.userID = userID
        self.validationID = validationID
    }

    private enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case validationID = "validation_id"
    }
}

/// The address was proved.
package struct UserVerified: AccountsEvent {
    package static let type = "user.verified"
    package let userID: UserID

    package init(userID: UserID) { self.userID = userID }

    private enum CodingKeys: String, CodingKey { case userID = "user_id" }
}

/// The account is gone.
package struct UserDeleted: AccountsEvent {
    package static let type = "user.deleted"
    package let userID: UserID

    package init(userID: UserID) { self.userID = userID }

    private enum CodingKeys: String, CodingKey { case userID = "user_id" }
}

/// A session was opened.
package struct UserLoggedIn: AccountsEvent {
    package static let type = "user.logged_in"
    package let userID: UserID
    package let sessionID: SessionID

    package init(userID: UserID, sessionID: SessionID) {
        self.userID = userID
        self.sessionID = sessionID
    }

    private enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case sessionID = "session_id"
    }
}

/// A spent refresh token came back: somebody else may have a copy. The session is revoked.
package struct SessionReuseDetected: AccountsEvent {
    package static let type = "session.reuse_detected"
    package let userID: UserID
    package let sessionID: SessionID

    package init(userID: UserID, sessionID: SessionID) {
        self.userID = userID
        self.sessionID = sessionID
    }

    private enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case sessionID = "session_id"
    }
}

/// A session was ended before its time.
package struct SessionRevoked: AccountsEvent {
    package static let type = "session.revoked"
    package let userID: UserID
    package let sessionID: SessionID
    /// A stable code: `logout`, `revoked`, `reuse_detected`, `administrator_reset`.
    package let reason: String

    package init(userID: UserID, sessionID: SessionID, reason: String) {
        self.userID = userID
        self.sessionID = sessionID
        self.reason = reason
    }

    private enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case sessionID = "session_id"
        case reason
    }
}
