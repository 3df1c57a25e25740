import AccountsContract
import Shared

/// What names a session.
package enum SessionCredential: Sendable {
    case accessToken(Secret<String>)
    case refreshToken(Secret<String>)
}
