import AccountsContract
import AccountsDomain
import Shared

/// The caller's own devices.
package protocol ManageSessions: Sendable {
    /// The living ones, the newest first.
    func list(_ caller: Caller, _ part: PageRequest<NewestFirst>) async throws -> Page<Session, NewestFirst>
    /// - Returns: false if the caller has no such living session.
    func revoke(_ id: SessionID, _ caller: Caller, client: ClientInfo) async throws -> Bool
    func revokeAll(_ caller: Caller, client: ClientInfo) async throws
}
