import AccountsContract
import AccountsDomain
import Shared

package struct ReadAccountService: ReadAccount {
    private let work: any AccountsWork

    package init(work: any AccountsWork) {
        self.work = work
    }

    package func callAsFunction(_ id: UserID) async throws -> Account? {
        try await work.read { try $0.users.find(id) }
    }
}
