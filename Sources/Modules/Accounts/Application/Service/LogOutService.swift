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
            let reason = Session.RevocationReason.logout
            guard try context.sessions.revoke(caller.sessionID, at: now, reason: reason) else { return }
            try context.publish(
                SessionRevoked(userID: caller.userID, sessionID: caller.sessionID, reason: reason.rawValue))
            try context.audit(
                .done(
                    "session.revoked", by: "user:\(caller.userID)", on: "session:\(caller.sessionID)",
                    personal: client.personal))
        }
    }
}
