import AccountsContract
import Shared

/// Ends the caller's session. Twice is the same as once.
package protocol LogOut: Sendable {
    func callAsFunction(_ caller: Caller, client: ClientInfo) async throws
}
