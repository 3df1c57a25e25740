import AccountsContract
import Shared

/// Ends the session that a genuine credential names, expired or not. Twice is the same as once.
package protocol LogOut: Sendable {
    /// - Returns: false if none of the credentials is genuine.
    func callAsFunction(_ credentials: [SessionCredential], client: ClientInfo) async throws -> Bool
}

/// What names a session.
package enum SessionCredential: Sendable {
    case accessToken(Secret<String>)
    case refreshToken(Secret<String>)
}
