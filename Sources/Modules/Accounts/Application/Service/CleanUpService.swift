import AccountsContract
import AccountsDomain
import Shared

/// Removes what has expired.
package struct CleanUpService: Sendable {
    private let work: any AccountsWork
    private let clock: any WallClock

    /// How long an account may wait for its proof.
    package static let unprovedLifetime: Duration = .seconds(7 * 86_400)
    /// How many accounts are erased at once at most: each is a dozen statements.
    package static let batchSize = 20
    /// For each account, so many rows of each other kind.
    private static let rowsPerAccount = 10

    package init(work: any AccountsWork, clock: any WallClock) {
        self.work = work
        self.clock = clock
    }

    /// One batch.
    ///
    /// - Parameter limit: of accounts to erase; of other rows it is a few times as many.
    /// - Returns: how much was removed.
    package func callAsFunction(limit: Int) async throws -> Int {
        let now = clock.now
        let erased = try await eraseUnproved(at: now, limit: min(limit, Self.batchSize))
        // Of its own: whoever waits to write gets his turn between the two.
        return try await work.write { context in
            erased + (try context.removeExpired(at: now, limit: min(limit, Self.batchSize) * Self.rowsPerAccount))
        }
    }

    /// The largest batch.
    package func callAsFunction() async throws -> Int { try await self(limit: .max) }

    private func eraseUnproved(at now: Timestamp, limit: Int) async throws -> Int {
        try await work.write { context in
            let horizon = now - Self.unprovedLifetime
            let unproved = try context.users.unproved(before: horizon, limit: limit)
            var erased = 0
            for userID in unproved {
                // Read again under the lock: it may have been proved meanwhile.
                guard let user = try context.users.lock(userID)?.user, !user.isVerified, user.updatedAt < horizon
                else { continue }
                try context.erase(userID, at: now, by: .system)
                erased += 1
            }
            return erased
        }
    }
}
