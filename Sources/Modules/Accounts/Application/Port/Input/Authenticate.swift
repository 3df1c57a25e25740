import AccountsContract
import Shared

/// Tells who calls, from an access token.
package protocol Authenticate: Sendable {
    /// - Returns: nil if the token, its session or its account does not count (any more).
    func callAsFunction(accessToken: String) async throws -> Caller?
    /// The same from memory.
    func recall(accessToken: String, at now: Timestamp) -> Recollection<Caller>
}
