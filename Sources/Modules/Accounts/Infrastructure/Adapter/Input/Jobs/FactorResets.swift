import AccountsApplication
import Jobs
import Messaging

/// Warns of resets of second factors and carries them out; one process does it for all.
enum FactorResets {
    private struct Follow: Job {
        static let kind = "accounts.follow_factor_resets"
        /// The next tick is the next attempt.
        static let retries = RetryPolicy(attemptsMax: 3)
    }

    static func handler(_ follow: FollowFactorResetsService) -> JobHandler {
        .on(Follow.self) { _, _ in try await follow() }
    }

    /// - Throws: nothing, as long as the expression is right.
    static func schedule() throws -> JobSchedule {
        try JobSchedule("accounts.follow_factor_resets", "*/5 * * * *") { _ in Follow() }
    }
}
