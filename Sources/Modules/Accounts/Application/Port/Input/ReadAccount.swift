import AccountsContract
import AccountsDomain

/// The caller's own account.
package protocol ReadAccount: Sendable {
    /// - Returns: nil if the account is gone.
    func callAsFunction(_ id: UserID) async throws -> Account?
}
