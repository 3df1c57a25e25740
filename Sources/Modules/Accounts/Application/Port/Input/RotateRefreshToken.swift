import AccountsContract
import AccountsDomain
import Shared

package enum RotateRefreshTokenOutcome: Sendable {
    case refreshed(SignedIn)
    /// Not a genuine token, or too old. Nothing was revoked.
    case invalid
    /// A late duplicate of a request that was answered. Nothing was revoked.
    case superseded
    /// A spent token came back: the session is over now.
    case reused
    /// The session was over before.
    case revoked
}
