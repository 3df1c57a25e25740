/// A way to do the second step of a sign-in, as the API names it.
package enum SecondFactorMethod: String, Sendable, CaseIterable {
    /// Six digits of an authenticator app.
    case totp
    case recoveryCode = "recovery_code"
    case passkey
}
