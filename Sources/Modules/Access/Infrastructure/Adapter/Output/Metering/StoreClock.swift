import Lifecycle
import SQL
import Shared
import Synchronization

/// The database's clock, so that all processes open the same windows: this machine's, corrected by what the
/// database's was ahead of it when it was asked last.
package final class StoreClock: WallClock {
    private let database: any Database
    private let clock: any WallClock
    private let logger: Logger
    private let aheadMilliseconds = Atomic<Int64>(0)

    package init(database: any Database, clock: any WallClock, logger: Logger) {
        self.database = database
        self.clock = clock
        self.logger = logger
    }

    package var now: Timestamp {
        Timestamp(milliseconds: clock.now.milliseconds + aheadMilliseconds.load(ordering: .relaxed))
    }

    /// Asks the database, which is right to half of what the answer takes.
    ///
    /// - Throws: as `Database.time`; the last correction stays then.
    package func adjust() async throws {
        let asked = clock.now
        guard let theirs = try await database.time() else { return }
        let middle = (asked.milliseconds + clock.now.milliseconds) / 2
        aheadMilliseconds.store(theirs.milliseconds - middle, ordering: .relaxed)
    }

    /// Asks once a minute.
    package var service: any Service {
        PollingService("store-clock", interval: .seconds(60), logger: logger) {
            try await self.adjust()
            return 0
        }
    }
}
