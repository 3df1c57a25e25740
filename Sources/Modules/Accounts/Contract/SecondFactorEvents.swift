import Shared

/// The person of a session proved once more who they are.
package struct SessionSteppedUp: AccountsEvent {
    package static let type = "session.stepped_up"
    package let userID: UserID
    package let sessionID: SessionID

    package init(userID: UserID, sessionID: SessionID) {
        self.userID = userID
        self.sessionID = sessionID
    }
}

/// A second factor protects the account from now on.
package struct MFAEnabled: AccountsEvent {
    package static let type = "mfa.enabled"
    package let userID: UserID
    package let factorID: FactorID

    package init(userID: UserID, factorID: FactorID) {
        self.userID = userID
        self.factorID = factorID
    }
}

/// A second factor was removed by its owner.
package struct MFADisabled: AccountsEvent {
    package static let type = "mfa.disabled"
    package let userID: UserID
    package let factorID: FactorID

    package init(userID: UserID, factorID: FactorID) {
        self.userID = userID
        self.factorID = factorID
    }
}

/// Somebody who knows the first step failed at the second too often.
package struct MFALocked: AccountsEvent {
    package static let type = "mfa.locked"
    package let userID: UserID

    package init(userID: UserID) { self.userID = userID }
}

/// A recovery code took the place of a second factor.
package struct RecoveryCodeUsed: AccountsEvent {
    package static let type = "recovery_code.used"
    package let userID: UserID
    /// How many can still be used.
    package let left: Int

    package init(userID: UserID, left: Int) {
        self.userID = userID
        self.left = left
    }
}

/// New recovery codes took the place of all others.
package struct RecoveryCodesMade: AccountsEvent {
    package static let type = "recovery_codes.made"
    package let userID: UserID

    package init(userID: UserID) { self.userID = userID }
}

/// An administrator wants to remove the second factors of an account. The link stops it.
package struct MFAResetRequested: AccountsEvent {
    package static let type = "mfa.reset_requested"
    package static let isPublic = false
    package let userID: UserID
    package let validationID: ValidationID

    package init(userID: UserID, validationID: ValidationID) {
        self.userID = userID
        self.validationID = validationID
    }
}

/// The second factors of an account are gone by an administrator's doing.
package struct MFAResetDone: AccountsEvent {
    package static let type = "mfa.reset"
    package let userID: UserID

    package init(userID: UserID) { self.userID = userID }
}
