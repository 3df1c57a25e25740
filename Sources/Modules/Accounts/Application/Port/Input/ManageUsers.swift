import AccountsContract
import Shared

/// A new account, made for somebody. Texts keep `UserFieldLimits`.
package struct CreateUserCommand: Sendable {
    /// Under which the account is made; what is there under it already is the answer.
    package let id: UserID
    package let email: EmailAddress
    /// As it was typed; nil lets the person set one by a mailed link.
    package let password: Secret<String>?
    package let username: String?
    package let firstName: String?
    package let lastName: String?
    /// Nil for the usual one.
    package let locale: String?
    /// Whether somebody vouches that the address is the person's.
    package let isVerified: Bool
    package let actor: Principal

    package init(
        id: UserID, email: EmailAddress, password: Secret<String>? = nil, username: String? = nil,
        firstName: String? = nil,
        lastName: String? = nil, locale: String? = nil, isVerified: Bool = false, actor: Principal
    ) {
        self.id = id
        self.email = email
        self.password = password
        self.username = username
        self.firstName = firstName
        self.lastName = lastName
        self.locale = locale
        self.isVerified = isVerified
        self.actor = actor
    }
}

/// A partial update. Texts keep `UserFieldLimits`.
package struct UpdateUserCommand: Sendable {
    package let id: UserID
    package let username: Change<String>
    package let firstName: Change<String>
    package let lastName: Change<String>
    /// Nil keeps it.
    package let locale: String?
    /// Nil keeps it; false deactivates, true reactivates.
    package let isActive: Bool?
    package let actor: Principal

    package init(
        id: UserID, username: Change<String> = .keep, firstName: Change<String> = .keep,
        lastName: Change<String> = .keep, locale: String? = nil, isActive: Bool? = nil, actor: Principal
    ) {
        self.id = id
        self.username = username
        self.firstName = firstName
        self.lastName = lastName
        self.locale = locale
        self.isActive = isActive
        self.actor = actor
    }
}

package struct BlockUserCommand: Sendable {
    package let id: UserID
    /// Shown to the person.
    package let reason: String
    /// In the future; nil: until it is lifted.
    package let until: Ending?
    package let actor: Principal

    package init(id: UserID, reason: String, until: Ending? = nil, actor: Principal) {
        self.id = id
        self.reason = reason
        self.until = until
        self.actor = actor
    }
}

package enum CreateUserOutcome: Sendable, Equatable {
    case created(UserRecord)
    case emailTaken
    case weakPassword(PasswordWeakness)
}

/// What became of a change to somebody's account.
package enum ManageUserOutcome: Sendable, Equatable {
    /// The account as it is now.
    case done(UserRecord)
    /// The account, or the session, is gone.
    case ended
    case unknown
    /// The user may do more than the caller.
    case permissionDenied
    /// The last administrator stays.
    case lastAdministrator
    /// The end of the block is not in the future.
    case blockIsOver
}
