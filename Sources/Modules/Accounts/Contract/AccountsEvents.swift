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
}

/// The address was proved.
package struct UserVerified: AccountsEvent {
    package static let type = "user.verified"
    package let userID: UserID

    package init(userID: UserID) { self.userID = userID }
}

/// The account is gone.
package struct UserDeleted: AccountsEvent {
    package static let type = "user.deleted"
    package let userID: UserID

    package init(userID: UserID) { self.userID = userID }
}

/// An account at another company became a way to sign in.
package struct IdentityLinked: AccountsEvent {
    package static let type = "identity.linked"
    package let userID: UserID
    package let identityID: IdentityID
    /// `google`, `github`, `sber`, `supabase` or `oidc:<name>`.
    package let provider: String
    /// True if the account was made for it; else nil.
    package let isNewAccount: Bool?

    package init(userID: UserID, identityID: IdentityID, provider: String, isNewAccount: Bool = false) {
        self.userID = userID
        self.identityID = identityID
        self.provider = provider
        self.isNewAccount = isNewAccount ? true : nil
    }
}

/// An account at another company is no way to sign in any more.
package struct IdentityUnlinked: AccountsEvent {
    package static let type = "identity.unlinked"
    package let userID: UserID
    package let identityID: IdentityID
    package let provider: String

    package init(userID: UserID, identityID: IdentityID, provider: String) {
        self.userID = userID
        self.identityID = identityID
        self.provider = provider
    }
}

/// A session was opened.
package struct UserLoggedIn: AccountsEvent {
    package static let type = "user.logged_in"
    package let userID: UserID
    package let sessionID: SessionID
    /// True if somebody signed in by password on a device that is not known to be the owner's, to an account that is no
    /// longer new; else nil.
    package let isNewDevice: Bool?

    package init(userID: UserID, sessionID: SessionID, isNewDevice: Bool = false) {
        self.userID = userID
        self.sessionID = sessionID
        self.isNewDevice = isNewDevice ? true : nil
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
}

/// A session was ended before its time.
package struct SessionRevoked: AccountsEvent {
    package static let type = "session.revoked"
    package let userID: UserID
    package let sessionID: SessionID
    /// A stable code: `logout`, `revoked`, `reuse_detected`, `password_changed` and others; docs/events.md has them all.
    package let reason: String

    package init(userID: UserID, sessionID: SessionID, reason: String) {
        self.userID = userID
        self.sessionID = sessionID
        self.reason = reason
    }
}

/// A link that sets a new password was asked for.
package struct PasswordResetRequested: AccountsEvent {
    package static let type = "user.password_reset_requested"
    package static let isPublic = false
    package let userID: UserID
    package let validationID: ValidationID

    package init(userID: UserID, validationID: ValidationID) {
        self.userID = userID
        self.validationID = validationID
    }
}

/// A sign-in code and a link were asked for.
package struct LoginCodeRequested: AccountsEvent {
    package static let type = "user.login_code_requested"
    package static let isPublic = false
    package let userID: UserID
    package let loginCodeID: SignInCodeID
    package let validationID: ValidationID

    package init(userID: UserID, loginCodeID: SignInCodeID, validationID: ValidationID) {
        self.userID = userID
        self.loginCodeID = loginCodeID
        self.validationID = validationID
    }
}

/// Another address shall be the account's, once it is proved.
package struct EmailChangeRequested: AccountsEvent {
    package static let type = "user.email_change_requested"
    package static let isPublic = false
    package let userID: UserID
    package let validationID: ValidationID

    package init(userID: UserID, validationID: ValidationID) {
        self.userID = userID
        self.validationID = validationID
    }
}

/// The account has another address. The link goes to the old one and undoes the change.
package struct EmailChanged: AccountsEvent {
    package static let type = "user.email_changed"
    package static let isPublic = false
    package let userID: UserID
    package let validationID: ValidationID

    package init(userID: UserID, validationID: ValidationID) {
        self.userID = userID
        self.validationID = validationID
    }
}

/// The owner of a deactivated account wants it back, or gone.
package struct UserReactivationRequested: AccountsEvent {
    package static let type = "user.reactivation_requested"
    package static let isPublic = false
    package let userID: UserID
    package let validationID: ValidationID

    package init(userID: UserID, validationID: ValidationID) {
        self.userID = userID
        self.validationID = validationID
    }
}

/// A password was set, changed or removed.
package struct PasswordChanged: AccountsEvent {
    package static let type = "password.changed"
    package let userID: UserID

    package init(userID: UserID) {
        self.userID = userID
    }
}

/// The address, a name or a preference was changed, or the account was reactivated or got another role.
package struct UserUpdated: AccountsEvent {
    package static let type = "user.updated"
    package let userID: UserID

    package init(userID: UserID) {
        self.userID = userID
    }
}

/// The account was deactivated, by its owner or an administrator.
package struct UserDeactivated: AccountsEvent {
    package static let type = "user.deactivated"
    package let userID: UserID

    package init(userID: UserID) {
        self.userID = userID
    }
}

/// An administrator blocked the account: nobody can sign in to it.
package struct UserBlocked: AccountsEvent {
    package static let type = "user.blocked"
    package let userID: UserID

    package init(userID: UserID) {
        self.userID = userID
    }
}

/// The block of an account was lifted before its time.
package struct UserUnblocked: AccountsEvent {
    package static let type = "user.unblocked"
    package let userID: UserID

    package init(userID: UserID) {
        self.userID = userID
    }
}

/// Somebody failed to sign in to the account; told once for a window of failures.
package struct UserLoginFailed: AccountsEvent {
    package static let type = "user.login_failed"
    package let userID: UserID

    package init(userID: UserID) {
        self.userID = userID
    }
}

/// Too many failures: unknown devices cannot sign in to the account for a while.
package struct AccountLocked: AccountsEvent {
    package static let type = "account.locked"
    package let userID: UserID

    package init(userID: UserID) {
        self.userID = userID
    }
}

/// Somebody registered the address of an account that has proved it, where the answer does not tell that.
package struct UserRegistrationRepeated: AccountsEvent {
    package static let type = "user.registration_repeated"
    package let userID: UserID

    package init(userID: UserID) {
        self.userID = userID
    }
}

/// A session was ended because the password was guessed at in it: whoever holds it may not be the account's owner.
package struct SessionEndedByGuessing: AccountsEvent {
    package static let type = "session.ended_by_guessing"
    package let userID: UserID
    package let sessionID: SessionID

    package init(userID: UserID, sessionID: SessionID) {
        self.userID = userID
        self.sessionID = sessionID
    }
}

/// A passkey signs in to the account from now on.
package struct PasskeyAdded: AccountsEvent {
    package static let type = "passkey.added"
    package let userID: UserID
    package let passkeyID: PasskeyID

    package init(userID: UserID, passkeyID: PasskeyID) {
        self.userID = userID
        self.passkeyID = passkeyID
    }
}

/// A passkey does not sign in to the account any more.
package struct PasskeyRemoved: AccountsEvent {
    package static let type = "passkey.removed"
    package let userID: UserID
    package let passkeyID: PasskeyID

    package init(userID: UserID, passkeyID: PasskeyID) {
        self.userID = userID
        self.passkeyID = passkeyID
    }
}

/// A passkey counted its uses lower than before: there may be a copy of it.
package struct PasskeyCounterRegressed: AccountsEvent {
    package static let type = "passkey.counter_regressed"
    package let userID: UserID
    package let passkeyID: PasskeyID
    /// Whether it signs in no more; one that is shared between devices goes on.
    package let isSuspended: Bool

    package init(userID: UserID, passkeyID: PasskeyID, isSuspended: Bool) {
        self.userID = userID
        self.passkeyID = passkeyID
        self.isSuspended = isSuspended
    }
}
