import Cron
import SQL
import Shared

/// Makes a job again and again; a value in a module's wiring.
package struct JobSchedule: Sendable {
    /// What happens to a tick at which no scheduler ran.
    package enum Missed: Sendable {
        /// The last of the missed ticks is made up for.
        case runOnce
        /// It is left out.
        case skip
    }

    package let name: String
    package let expression: CronExpression
    package let zone: TimeZoneRules
    package let missed: Missed
    let queue: String
    let enqueue: @Sendable (Jobs, _ tick: Timestamp, any SQLTransaction) throws -> JobID?

    /// - Parameters:
    ///   - name: of the schedule among all; never changed.
    ///   - cron: see `CronExpression`.
    ///   - zone: a name of the IANA database.
    ///   - job: the job of a tick.
    /// - Throws: `CronError`, `TimeZoneError`.
    package init<J: Job>(
        _ name: String, _ cron: String, in zone: String = "UTC", missed: Missed = .runOnce,
        _ job: @escaping @Sendable (_ tick: Timestamp) -> J
    ) throws {
        self.name = name
        expression = try CronExpression(cron)
        self.zone = try TimeZoneRules(named: zone)
        self.missed = missed
        queue = J.queue
        enqueue = { jobs, tick, transaction in
            try jobs.enqueue(job(tick), of: name, tick: tick, in: transaction)
        }
    }
}
