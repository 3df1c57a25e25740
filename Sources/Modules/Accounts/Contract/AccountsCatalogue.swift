import Shared

/// What the catalogue of events says of those of Accounts.
package enum AccountsCatalogue {
    private static let user = UserID(.example(0))
    private static let session = SessionID(.example(1))
    private static let identity = IdentityID(.example(4))
    private static let validation = ValidationID(.example(2))

    package static let events = accounts + credentials + secondFactors + sessions

    private static let accounts = [
        EventDescription(
            UserCreated(userID: user, validationID: validation),
            """
            A person registered, an administrator or an administrator's link made the account, or it was imported. \
            `validation_id` is the proof of the address that is under way; it is absent where there is none.
            """),
        EventDescription(
            UserRegistrationRepeated(userID: user),
            """
            Someone registered the address of an account that has proved it, and the answer did not say so.
            """),
        EventDescription(
            UserVerificationRequested(userID: user, validationID: validation),
            "The verification mail was asked for again."),
        EventDescription(UserVerified(userID: user), "The address was proved."),
        EventDescription(
            UserUpdated(userID: user),
            """
            The address, a name, the picture or the language was changed, the account was reactivated, or an \
            administrator changed whether it is an administrator's.
            """),
        EventDescription(
            UserDeactivated(userID: user), "The account was deactivated, by its owner or an administrator."),
        EventDescription(
            UserBlocked(userID: user),
            "An administrator blocked the account, or gave a block another end. Nobody can sign in to it."),
        EventDescription(
            UserUnblocked(userID: user), "The block was lifted. A block that ends by its time publishes nothing."),
        EventDescription(
            UserDeleted(userID: user),
            """
            The account is gone: erased by its owner or an administrator, declined by "this was not me", or unproved \
            for seven days.
            """),
        EventDescription(
            UserReactivationRequested(userID: user, validationID: validation),
            "The owner of a deactivated account asked for the link that reactivates or deletes it."),
        EventDescription(
            EmailChangeRequested(userID: user, validationID: validation),
            "Another address waits to be confirmed."),
        EventDescription(
            EmailChanged(userID: user, validationID: validation),
            "The account has another address. The link goes to the old one and undoes the change."),
    ]

    private static let credentials = [
        EventDescription(
            PasswordResetRequested(userID: user, validationID: validation),
            """
            A link for a new password was asked for, or an administrator made an account without a password.
            """),
        EventDescription(
            LoginCodeRequested(userID: user, loginCodeID: SignInCodeID(.example(3)), validationID: validation),
            "A sign-in code and a link were asked for."),
        EventDescription(PasswordChanged(userID: user), "A password was set or changed."),
        EventDescription(
            IdentityLinked(userID: user, identityID: identity, provider: "google", isNewAccount: true),
            """
            An account at another company became a way to sign in. `is_new_account` is there, and true, if the \
            account was made for it.
            """),
        EventDescription(
            IdentityUnlinked(userID: user, identityID: identity, provider: "google"),
            "The owner removed an account at another company from the ways to sign in."),
        EventDescription(
            UserLoginFailed(userID: user), "A sign-in failed; once for a quarter of an hour of failures."),
        EventDescription(
            AccountLocked(userID: user), "Unknown devices cannot sign in for a quarter of an hour."),
    ]

    private static let factor = FactorID(.example(4))

    private static let secondFactors = [
        EventDescription(
            MFAEnabled(userID: user, factorID: factor),
            "The owner set up a second factor. Other sessions are ended."),
        EventDescription(MFADisabled(userID: user, factorID: factor), "The owner removed a second factor."),
        EventDescription(
            MFALocked(userID: user),
            """
            Five wrong codes were given for the second step within five minutes, so it is locked for a quarter of an \
            hour. Whoever gave them knows the password or reads the mail.
            """),
        EventDescription(
            RecoveryCodeUsed(userID: user, left: 9),
            "A recovery code took the place of a second factor. `left` is how many can still be used."),
        EventDescription(
            RecoveryCodesMade(userID: user), "New recovery codes took the place of all that there were."),
        EventDescription(
            MFAResetRequested(userID: user, validationID: validation),
            """
            An administrator is about to remove the second factors of the account; once when it was asked for and once \
            shortly before. The link stops it.
            """),
        EventDescription(
            MFAResetDone(userID: user),
            "The second factors of the account were removed by an administrator's doing. Its sessions are ended."),
    ]

    private static let sessions = [
        EventDescription(
            UserLoggedIn(userID: user, sessionID: session, isNewDevice: true),
            """
            A session was opened. `is_new_device` is there, and true, if it was by password, on a device that is not \
            known to be the owner's, and the account is older than an hour.
            """),
        EventDescription(
            SessionRevoked(userID: user, sessionID: session, reason: "logout"),
            """
            A session was ended before its time. `reason` is `logout`, `revoked` (from another device), \
            `reuse_detected`, `password_changed`, `deactivated`, `blocked`, `ended_by_administrator`, `erased`, \
            `first_proof` (the address was proved for the first time), `administrator_reset` (the account became an \
            administrator's), `email_undone` (a change of the address was undone), `identity_unlinked` (the \
            account at another company that opened it was removed), `mfa_enabled` (a second factor was set up), \
            `mfa_reset` (the second factors were removed), `renewed` (another session took its place, with new \
            tokens) or `wrong_confirmations` (someone guessed at the password in it).
            """),
        EventDescription(
            SessionEndedByGuessing(userID: user, sessionID: session),
            """
            Ten wrong passwords or codes were given in a session within a quarter of an hour, to confirm something. \
            The session is revoked.
            """),
        EventDescription(
            SessionReuseDetected(userID: user, sessionID: session),
            "A spent refresh token came back, so someone else may have a copy. The session is revoked."),
        EventDescription(
            SessionSteppedUp(userID: user, sessionID: session),
            "The person of a session proved once more who they are, as grave changes ask for."),
    ]
}
