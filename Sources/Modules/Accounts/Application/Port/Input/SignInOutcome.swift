import AccountsDomain
import Shared

/// How an attempt to sign in ended, by whatever credential.
package enum SignInOutcome: Sendable {
    case signedIn(SignedIn)
    /// The first step was right, and the account has a factor. There is no session yet.
    case secondFactorNeeded(SecondFactorDemand)
    case refused(SignInRefusal)
}

package enum SignInRefusal: Sendable, Equatable {
    /// Wrong, unknown or used up: never told apart.
    case invalidCredentials
    /// The credential was right, the account may not.
    case obstructed(User.SignInObstacle)
    /// Somebody guesses; nothing was checked.
    case tooManyAttempts(retryAfter: Duration)
}

/// What a client gets for a new session.
package struct SignedIn: Sendable {
    package let account: Account
    package let session: Session
    package let accessToken: AccessToken
    package let refreshToken: RefreshToken

    package init(account: Account, session: Session, accessToken: AccessToken, refreshToken: RefreshToken) {
        self.account = account
        self.session = session
        self.accessToken = accessToken
        self.refreshToken = refreshToken
    }
}
