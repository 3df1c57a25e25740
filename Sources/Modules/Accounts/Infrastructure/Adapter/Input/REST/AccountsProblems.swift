import HTTP

extension ProblemKind {
    static let emailTaken = ProblemKind(409, "email_taken", "The address belongs to an account")
    static let invalidCredentials = ProblemKind(
        401, "invalid_credentials", "The address or the password is not right")
    static let emailNotVerified = ProblemKind(403, "email_not_verified", "The address has not been proved yet")
    static let accountInactive = ProblemKind(403, "account_inactive", "The account is deactivated")
    static let accountBlocked = ProblemKind(403, "account_blocked", "The account is blocked")
    static let tooManyAttempts = ProblemKind(429, "too_many_attempts", "Too many attempts; wait a moment")
    static let invalidRefreshToken = ProblemKind(401, "invalid_refresh_token", "The refresh token is not valid")
    static let refreshTokenReused = ProblemKind(
        401, "refresh_token_reused", "The refresh token was used before; the session is over")
    static let sessionRevoked = ProblemKind(401, "session_revoked", "The session is over")
    static let refreshTokenSuperseded = ProblemKind(
        409, "refresh_token_superseded", "A newer refresh token was given out a moment ago")
    static let invalidToken = ProblemKind(400, "invalid_token", "The link is not valid")
    static let tokenExpired = ProblemKind(400, "token_expired", "The link is too old")
}

extension Problem {
    /// 401 with the challenge that RFC 9110 § 11.6.1 asks for.
    static func unauthenticated(_ kind: ProblemKind, challenge: String = #"Bearer realm="gapura""#) -> Problem {
        Problem(kind, headers: [("WWW-Authenticate", challenge)])
    }
}
