import AccountsContract
import AccountsDomain
import Shared

/// The caller's own account.
package struct ReadAccountService: Sendable {
    private let work: any AccountsWork

    package init(work: any AccountsWork) {
        self.work = work
    }

    /// - Returns: nil if the account is gone.
    package func callAsFunction(_ id: UserID) async throws -> Account? {
        try await work.read { try $0.users.find(id) }
    }
}
