import AccountsContract
import Messaging
import Shared
import TestSupport
import Testing

@Suite("The events of Accounts")
struct AccountsEventsTests {
    private static let user = UserID(SequentialIdentifiers.identifier(1))
    private static let session = SessionID(SequentialIdentifiers.identifier(2))
    private static let validation = ValidationID(SequentialIdentifiers.identifier(3))
    private static let factor = FactorID(SequentialIdentifiers.identifier(5))
    private static let identity = IdentityID(SequentialIdentifiers.identifier(6))
    private static let code = SignInCodeID(SequentialIdentifiers.identifier(4))

    private static let all: [any AccountsEvent] = [
        UserCreated(userID: user, validationID: validation),
        UserVerificationRequested(userID: user, validationID: validation),
        UserVerified(userID: user),
        UserUpdated(userID: user),
        UserDeactivated(userID: user),
        UserBlocked(userID: user),
        UserUnblocked(userID: user),
        UserDeleted(userID: user),
        PasswordResetRequested(userID: user, validationID: validation),
        LoginCodeRequested(userID: user, loginCodeID: code, validationID: validation),
        EmailChangeRequested(userID: user, validationID: validation),
        EmailChanged(userID: user, validationID: validation),
        PasswordChanged(userID: user),
        UserLoginFailed(userID: user),
        AccountLocked(userID: user),
        UserLoggedIn(userID: user, sessionID: session),
        SessionRevoked(userID: user, sessionID: session, reason: "logout"),
        UserRegistrationRepeated(userID: user),
        SessionEndedByGuessing(userID: user, sessionID: session),
        PasskeyAdded(userID: user, passkeyID: PasskeyID(user.value)),
        PasskeyRemoved(userID: user, passkeyID: PasskeyID(user.value)),
        PasskeyCounterRegressed(userID: user, passkeyID: PasskeyID(user.value), isSuspended: true),
        SessionReuseDetected(userID: user, sessionID: session),
        SessionSteppedUp(userID: user, sessionID: session),
        MFAEnabled(userID: user, factorID: factor),
        MFADisabled(userID: user, factorID: factor),
        MFALocked(userID: user),
        RecoveryCodesMade(userID: user),
        MFAResetRequested(userID: user, validationID: validation),
        MFAResetDone(userID: user),
        IdentityLinked(userID: user, identityID: identity, provider: "google"),
        IdentityUnlinked(userID: user, identityID: identity, provider: "google"),
    ]

    @Test(
        "each has the fields that the specification names, and is about the user",
        arguments: [
            "user.created": ["user_id", "validation_id"],
            "user.verification_requested": ["user_id", "validation_id"],
            "user.verified": ["user_id"],
            "user.updated": ["user_id"],
            "user.deactivated": ["user_id"],
            "user.blocked": ["user_id"],
            "user.unblocked": ["user_id"],
            "user.deleted": ["user_id"],
            "user.password_reset_requested": ["user_id", "validation_id"],
            "user.login_code_requested": ["login_code_id", "user_id", "validation_id"],
            "user.email_change_requested": ["user_id", "validation_id"],
            "user.email_changed": ["user_id", "validation_id"],
            "password.changed": ["user_id"],
            "user.login_failed": ["user_id"],
            "account.locked": ["user_id"],
            "user.logged_in": ["session_id", "user_id"],
            "session.revoked": ["reason", "session_id", "user_id"],
            "session.ended_by_guessing": ["session_id", "user_id"],
            "passkey.added": ["passkey_id", "user_id"], "passkey.removed": ["passkey_id", "user_id"],
            "passkey.counter_regressed": ["is_suspended", "passkey_id", "user_id"],
            "session.reuse_detected": ["session_id", "user_id"],
            "session.stepped_up": ["session_id", "user_id"],
            "mfa.enabled": ["factor_id", "user_id"],
            "mfa.disabled": ["factor_id", "user_id"],
            "mfa.locked": ["user_id"],
            "recovery_codes.made": ["user_id"],
            "mfa.reset_requested": ["user_id", "validation_id"],
            "mfa.reset": ["user_id"],
            "identity.linked": ["identity_id", "provider", "user_id"],
            "identity.unlinked": ["identity_id", "provider", "user_id"],
        ])
    func fields(_ type: String, _ names: [String]) throws {
        let event = try #require(Self.all.first { Swift.type(of: $0).type == type })
        let values = [
            "user_id": Self.user.description, "session_id": Self.session.description,
            "validation_id": Self.validation.description, "login_code_id": Self.code.description, "reason": "logout",
            "factor_id": Self.factor.description, "identity_id": Self.identity.description, "provider": "google",
            "passkey_id": Self.user.description,
        ]
        let members = names.map { name in
            name == "is_suspended" ? #""is_suspended":true"# : #""\#(name)":"\#(values[name] ?? "")""#
        }
        #expect(try EventCoding.encode(event) == "{\(members.joined(separator: ","))}")
        #expect(event.subject == Self.user.value)
    }

    @Test("those with what leads to a link are internal")
    func reach() {
        let inside = Self.all.map { type(of: $0) }.filter { !$0.isPublic }.map { $0.type }
        #expect(
            inside == [
                "user.verification_requested", "user.password_reset_requested", "user.login_code_requested",
                "user.email_change_requested", "user.email_changed", "mfa.reset_requested",
            ])
        #expect(Self.all.allSatisfy { type(of: $0).source == "/gapura/accounts" })
    }
}
