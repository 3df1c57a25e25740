import Jobs
import Messaging

/// Looks whether the signing key is old enough for the next one; one process does it for all.
enum SigningKeyRotation {
    private struct Rotate: Job {
        static let kind = "accounts.rotate_signing_keys"
        /// The next tick is the next attempt.
        static let retries = RetryPolicy(attemptsMax: 3)
    }

    static func handler(_ keys: SigningKeys) -> JobHandler {
        .on(Rotate.self) { _, _ in try await keys.rotateIfDue() }
    }

    /// - Throws: nothing, as long as the expression is right.
    static func schedule() throws -> JobSchedule {
        try JobSchedule("accounts.rotate_signing_keys", "23 * * * *") { _ in Rotate() }
    }
}
