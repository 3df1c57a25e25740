import Idempotency
import Jobs
import Shared

/// Jobs of the libraries, which no module has.
enum SystemJobs {
    /// Deletes answers that are not given again any more.
    private struct RemoveExpiredAnswers: Job {
        static let kind = "idempotency.remove_expired"
    }

    static func handlers(_ idempotency: IdempotencyKeys) -> [JobHandler] {
        [
            .on(RemoveExpiredAnswers.self) { _, _ in
                while try await idempotency.removeExpired() > 0 { try Task.checkCancellation() }
            }
        ]
    }

    static func schedules() throws -> [JobSchedule] {
        [try JobSchedule("idempotency.remove_expired", "5-55/10 * * * *") { _ in RemoveExpiredAnswers() }]
    }
}
