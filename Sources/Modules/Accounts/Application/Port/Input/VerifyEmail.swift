import AccountsContract
import AccountsDomain
import Shared

package struct VerifyEmailCommand: Sendable {
    package let token: String
    /// What a page of ours knows: the accounts that were registered in the browser that shows it. The password of
    /// another account may be somebody else's. Nil for a program, which has asked what it has to.
    package let registeredHere: Set<UserID>?
    /// Takes the place of the one that was given at the registration.
    package let password: Password?
    package let client: ClientInfo

    package init(
        token: String, registeredHere: Set<UserID>? = nil, password: Password? = nil, client: ClientInfo
    ) {
        self.token = token
        self.registeredHere = registeredHere
        self.password = password
        self.client = client
    }

    /// Whether the account may keep its password.
    package func keepsPassword(of user: User) -> Bool {
        user.passwordHash == nil || registeredHere?.contains(user.id) ?? true
    }

    /// Whether the identity that made the account may stay: in another browser it may be somebody else's, who was given
    /// the address once and has it no more.
    package func keepsIdentities(of user: User) -> Bool { registeredHere?.contains(user.id) ?? true }
}

package enum VerifyEmailPreview: Sendable, Equatable {
    case open(Account)
    case alreadyVerified(Account)
    case refused(LinkRefusal)
}

package enum VerifyEmailOutcome: Sendable, Equatable {
    case verified(Account)
    /// Not registered in this browser: a new password has to be chosen. The link is not used up.
    case passwordMissing(Account)
    /// The password may not be set for this account. The link is not used up.
    case weak(Password.Weakness, Account)
    case refused(LinkRefusal)
}

package enum DeclineOutcome: Sendable, Equatable {
    case deleted(EmailAddress)
    case refused(LinkRefusal)
}

/// Why a link is not good.
package enum LinkRefusal: Sendable, Equatable {
    /// Unknown, forged, or used before.
    case invalid
    case expired
}
