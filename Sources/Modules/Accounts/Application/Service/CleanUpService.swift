import AccountsContract
import AccountsDomain
import Shared

package struct CleanUpService: CleanUp {
    private let work: any AccountsWork
    private let clock: any WallClock

    /// How long an account may wait for its proof.
    package static let unprovedLifetime: Duration = .seconds(7 * 86_400)
    private static let batchSize = 500

    package init(work: any AccountsWork, clock: any WallClock) {
        self.work = work
        self.clock = clock
    }

    package func callAsFunction() async throws -> Int {
        let now = clock.now
        return try await work.write { context in
            let horizon = now - Self.unprovedLifetime
            let unproved = try context.users.unproved(before: horizon, limit: Self.batchSize)
            var erased = 0
            for userID in unproved {
                // Read again under the lock: it may have been proved meanwhile.
                guard let user = try context.users.lock(userID)?.user, !user.isVerified, user.updatedAt < horizon
                else { continue }
                try context.erase(userID, at: now, by: .system)
                erased += 1
            }
            return erased + (try context.removeExpired(at: now, limit: Self.batchSize))
        }
    }
}
