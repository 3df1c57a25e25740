import Jobs
import Shared

/// Deletes what is over: expired sessions, codes, links, and accounts that were never proved.
struct CleanUpJob: Job {
    static let kind = "accounts.clean_up"

    /// Every ten minutes.
    static func schedule() throws -> JobSchedule {
        try JobSchedule("accounts.clean_up", "*/10 * * * *") { _ in CleanUpJob() }
    }

    /// - Parameter cleanUp: one batch; returns how much it deleted.
    static func handler(_ cleanUp: @escaping @Sendable () async throws -> Int) -> JobHandler {
        .on(CleanUpJob.self) { _, _ in
            while try await cleanUp() > 0 { try Task.checkCancellation() }
        }
    }
}
