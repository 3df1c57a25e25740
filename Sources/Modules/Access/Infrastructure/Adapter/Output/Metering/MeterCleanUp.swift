import AccessDomain
import Retention
import SQL
import Shared

/// Deletes what nobody asks for any more, a bounded number of rows at once: days and months after 90 days, shorter
/// windows soon after their end, reservations a day after theirs, names of requests
/// after a minute. Counters in which something is set aside stay.
package struct MeterCleanUp: Sendable {
    private static let day = 86_400

    package let prunes: [Prune]
    private let clock: any WallClock

    package init(database: any Database, clock: any WallClock) {
        self.clock = clock
        let counters = Self.ages.map { name, units, age in
            Prune("usage_counters (\(name))", in: database, retention: age) { Self.counters(units, before: $0, $1) }
        }
        let reservations = Prune("reservations", in: database, retention: .seconds(Self.day)) { horizon, limit in
            """
            DELETE FROM reservations WHERE id IN (
                SELECT id FROM reservations WHERE state IN ('committed', 'released', 'expired')
                    AND expires_at < \(horizon) LIMIT \(limit)\(forUpdateSkipLocked))
            """
        }
        let merges = Prune("device_merges", in: database, retention: .seconds(2 * Self.day)) { horizon, limit in
            """
            DELETE FROM device_merges WHERE (device, user_id, day) IN (
                SELECT device, user_id, day FROM device_merges
                WHERE day < \(horizon) LIMIT \(limit)\(forUpdateSkipLocked))
            """
        }
        let requests = Prune("counted_requests", in: database, retention: .seconds(60)) { horizon, limit in
            """
            DELETE FROM counted_requests WHERE (service_id, request, gateway) IN (
                SELECT service_id, request, gateway FROM counted_requests
                WHERE counted_at < \(horizon) LIMIT \(limit)\(forUpdateSkipLocked))
            """
        }
        prunes = counters + [reservations, merges, requests]
    }

    /// One batch of each.
    ///
    /// - Returns: how many rows were deleted; 0 when nothing is left.
    package func callAsFunction() async throws -> Int {
        var deleted = 0
        for prune in prunes { deleted += try await prune.remove(at: clock.now) }
        return deleted
    }

    /// By the beginning of the window, with the longest that it may be.
    private static let ages: [(name: String, units: [CounterUnit], age: Duration)] = [
        ("seconds and minutes", [.second, .burstSecond, .minute, .burstMinute], .seconds(180)),
        ("days", [.day], .seconds(91 * day)), ("months", [.month], .seconds(121 * day)),
    ]

    private static func counters(_ units: [CounterUnit], before start: Timestamp, _ limit: Int) -> Statement {
        """
        DELETE FROM usage_counters WHERE (subject, window_end, service_id, unit) IN (
            SELECT subject, window_end, service_id, unit FROM usage_counters
            WHERE unit IN (\(list: units.map(\.rawValue))) AND window_start < \(start) AND reserved = 0
            LIMIT \(limit)\(forUpdateSkipLocked))
        """
    }
}
