import AccountsApplication
import AccountsDomain
import Authorization
import HTTP
import Shared

extension ProblemKind {
    static let emailTaken = ProblemKind(409, "email_taken", "The address belongs to an account")
    static let invalidCredentials = ProblemKind(
        401, "invalid_credentials", "The address or the password is not right")
    static let invalidCode = ProblemKind(401, "invalid_code", "The code is not right, or not good any more")
    static let invalidMFAToken = ProblemKind(
        401, "invalid_mfa_token", "This sign-in is over; begin again with the first step")
    static let tooManyFactors = ProblemKind(409, "too_many_factors", "The account has too many authenticator apps")
    static let mfaRequiredByPolicy = ProblemKind(
        409, "mfa_required_by_policy", "This account must keep a second factor; add another one first")
    static let mfaNotEnabled = ProblemKind(409, "mfa_not_enabled", "The account has no second factor")
    static let wrongPassword = ProblemKind(403, "wrong_password", "The current password is not right")
    static let emailUnchanged = ProblemKind(409, "email_unchanged", "This is the account's address already")
    static let lastAdministrator = ProblemKind(409, "last_admin", "The last administrator stays")
    static let emailNotVerified = ProblemKind(403, "email_not_verified", "The address has not been proved yet")
    static let accountInactive = ProblemKind(403, "account_inactive", "The account is deactivated")
    static let tooManyAttempts = ProblemKind(429, "too_many_attempts", "Too many attempts; wait a moment")
    static let invalidRefreshToken = ProblemKind(401, "invalid_refresh_token", "The refresh token is not valid")
    static let refreshTokenReused = ProblemKind(
        401, "refresh_token_reused", "The refresh token was used before; the session is over")
    static let sessionRevoked = ProblemKind(401, "session_revoked", "The session is over")
    static let refreshTokenSuperseded = ProblemKind(
        409, "refresh_token_superseded", "A newer refresh token was given out a moment ago")
    static let invalidToken = ProblemKind(400, "invalid_token", "The link is not valid")
    static let invalidMagicLink = ProblemKind(401, "invalid_token", "The link is not valid")
    static let tokenExpired = ProblemKind(400, "token_expired", "The link is too old")
}

extension LinkRefusal {
    var problem: Problem {
        switch self {
        case .invalid: Problem(.invalidToken)
        case .expired: Problem(.tokenExpired)
        }
    }
}

extension SignInRefusal {
    /// - Parameter invalid: what a wrong credential of this kind is called.
    func problem(invalid: ProblemKind) -> Problem {
        switch self {
        case .invalidCredentials: .unauthenticated(invalid)
        case .obstructed(.notVerified): Problem(.emailNotVerified)
        case .obstructed(.inactive): Problem(.accountInactive)
        case .obstructed(.blocked(let until)):
            Problem(.accountBlocked, until.map { "The account is blocked until \($0)" } ?? "The account is blocked")
        case .tooManyAttempts(let delay): .tooManyAttempts(retryAfter: delay)
        }
    }
}

extension ConfirmationRefusal {
    /// - Parameter detail: of a wrong one.
    func problem(_ detail: String? = nil) -> Problem {
        switch self {
        case .wrong: Problem(.wrongPassword, detail)
        case .tooManyAttempts(let delay): .tooManyAttempts(retryAfter: delay)
        }
    }
}

extension Answer {
    /// Every way in which a sign-in can end without a session.
    static func signInRefusals(invalid: ProblemKind) -> [Answer] {
        [.json(200, SecondFactorNeededAnswer.self, "The account has a second factor: go on with POST /login/mfa")]
            + [invalid, .emailNotVerified, .accountInactive, .accountBlocked, .tooManyAttempts].map { .problem($0) }
    }
}

extension Problem {
    /// - Parameter delay: until the next attempt may come.
    static func tooManyAttempts(retryAfter delay: Duration) -> Problem {
        let seconds = max(1, delay.secondsRoundedUp)
        return Problem(.tooManyAttempts, "Try again in \(seconds) s", headers: [("Retry-After", String(seconds))])
    }

    /// 401 with the challenge that RFC 9110 § 11.6.1 asks for.
    static func unauthenticated(_ kind: ProblemKind) -> Problem {
        Problem(kind, headers: [("WWW-Authenticate", #"Bearer realm="gapura""#)])
    }
}
