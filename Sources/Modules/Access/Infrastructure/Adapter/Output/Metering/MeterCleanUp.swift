import AccessDomain
import Lifecycle
import SQL
import Shared

/// Deletes what nobody asks for any more, a bounded number of rows at once: days and months after 90 days, shorter
/// windows soon after their end, reservations a day after theirs, names of
/// requests after a minute. Counters in which something is set aside stay.
package struct MeterCleanUp: Sendable {
    private static let day = 86_400
    private static let batch = 500

    private let database: any Database
    private let clock: any WallClock
    private let logger: Logger

    package init(database: any Database, clock: any WallClock, logger: Logger) {
        self.database = database
        self.clock = clock
        self.logger = logger
    }

    package var service: any Service {
        PollingService("meter-clean-up", interval: .seconds(60), logger: logger) { try await self() }
    }

    /// - Returns: how many rows were deleted; 0 when nothing is left.
    package func callAsFunction() async throws -> Int {
        let now = clock.now
        return try await database.write { transaction in
            var deleted = 0
            for (units, age) in Self.ages {
                deleted += try transaction.execute(Self.counters(units, before: now - age))
            }
            deleted += try transaction.execute(
                """
                DELETE FROM reservations WHERE id IN (
                    SELECT id FROM reservations WHERE state IN ('committed', 'released', 'expired')
                        AND expires_at < \(now - .seconds(Self.day)) LIMIT \(Self.batch)\(forUpdateSkipLocked))
                """)
            deleted += try transaction.execute(
                """
                DELETE FROM device_merges WHERE (device, user_id, day) IN (
                    SELECT device, user_id, day FROM device_merges
                    WHERE day < \(now - .seconds(2 * Self.day)) LIMIT \(Self.batch)\(forUpdateSkipLocked))
                """)
            deleted += try transaction.execute(
                """
                DELETE FROM counted_requests WHERE (service_id, request, gateway) IN (
                    SELECT service_id, request, gateway FROM counted_requests
                    WHERE counted_at < \(now - .seconds(60)) LIMIT \(Self.batch)\(forUpdateSkipLocked))
                """)
            return deleted
        }
    }

    /// By the beginning of the window, with the longest that it may be.
    private static let ages: [(units: [CounterUnit], age: Duration)] = [
        ([.second, .burstSecond, .minute, .burstMinute], .seconds(180)), ([.day], .seconds(91 * day)),
        ([.month], .seconds(121 * day)),
    ]

    private static func counters(_ units: [CounterUnit], before start: Timestamp) -> Statement {
        """
        DELETE FROM usage_counters WHERE (subject, window_end, service_id, unit) IN (
            SELECT subject, window_end, service_id, unit FROM usage_counters
            WHERE unit IN (\(list: units.map(\.rawValue))) AND window_start < \(start) AND reserved = 0
            LIMIT \(batch)\(forUpdateSkipLocked))
        """
    }
}
