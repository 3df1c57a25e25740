import AccountsContract
import AccountsDomain
import Shared

package struct LogOutService: LogOut {
    private let work: any AccountsWork
    private let clock: any WallClock

    package init(work: any AccountsWork, clock: any WallClock) {
        self.work = work
        self.clock = clock
    }

    package func callAsFunction(_ caller: Caller, client: ClientInfo) async throws {
        let now = clock.now
        try await work.write { context in
            _ = try context.end(caller.sessionID, of: caller.userID, .logout, at: now, by: .user(caller.userID, client))
        }
    }
}
