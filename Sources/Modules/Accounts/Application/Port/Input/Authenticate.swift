import AccountsContract
import Shared

/// Finds out who calls, from an access token.
package protocol Authenticate: Sendable {
    /// - Returns: nil if the token is none of ours or has expired.
    func owner(accessToken: String) async throws -> TokenOwner?
    /// The same from memory.
    func recallOwner(accessToken: String, at now: Timestamp) -> MemoryLookup<TokenOwner>
}

extension Authenticate {
    /// - Returns: nil if the token or its session does not count (any more).
    package func callAsFunction(accessToken: String) async throws -> SessionCaller? {
        try await owner(accessToken: accessToken)?.caller
    }
}
