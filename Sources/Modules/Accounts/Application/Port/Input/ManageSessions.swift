import AccountsContract
import AccountsDomain
import Shared

/// The caller's own devices.
package protocol ManageSessions: Sendable {
    /// The living ones, the last used first.
    func list(_ caller: Caller) async throws -> [Session]
    /// - Returns: false if the caller has no such living session.
    func revoke(_ id: SessionID, _ caller: Caller, client: ClientInfo) async throws -> Bool
    func revokeAll(_ caller: Caller, client: ClientInfo) async throws
}
