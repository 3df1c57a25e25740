import AccountsDomain
import Shared

/// Signs in with a password and opens a session.
package protocol LogIn: Sendable {
    func callAsFunction(_ command: LogInCommand) async throws -> LogInOutcome
}

package struct LogInCommand: Sendable {
    package let email: EmailAddress
    /// As it was typed.
    package let password: Secret<String>
    package let client: ClientInfo

    package init(email: EmailAddress, password: Secret<String>, client: ClientInfo) {
        self.email = email
        self.password = password
        self.client = client
    }
}

package enum LogInOutcome: Sendable {
    case signedIn(SignedIn)
    /// Wrong password, unknown address or no password: never told apart.
    case invalidCredentials
    /// The password was right.
    case obstructed(User.SignInObstacle)
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
