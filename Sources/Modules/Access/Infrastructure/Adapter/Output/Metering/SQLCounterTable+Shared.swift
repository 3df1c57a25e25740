import AccessContract
import AccessDomain
import SQL
import Shared

/// Rows of counters that are counted elsewhere, by several processes, each of which writes what it has seen.
extension SQLCounterTable {
    /// Writes counters where they are higher than what is there.
    func raise(_ records: [CounterRecord]) throws {
        // In one order, so that two processes never wait for each other.
        let sorted = records.sorted { ($0.id.subject, $0.id.unit.rawValue) < ($1.id.subject, $1.id.unit.rawValue) }
        for record in sorted {
            let (id, counter) = (record.id, record.counter)
            try transaction.submit(
                """
                INSERT INTO usage_counters (subject, service_id, unit, window_start, window_end, used, reserved,
                    threshold_told_for, exhaustion_told_for)
                VALUES (\(id.subject.bytes), \(id.service?.value ?? Self.allServices), \(id.unit.rawValue),
                    \(counter.window.start), \(counter.window.end), \(counter.used), 0, \(counter.thresholdToldFor),
                    \(counter.exhaustionToldFor))
                ON CONFLICT (subject, window_end, service_id, unit) DO UPDATE SET used = excluded.used,
                    threshold_told_for = excluded.threshold_told_for,
                    exhaustion_told_for = excluded.exhaustion_told_for
                WHERE usage_counters.used < excluded.used
                """)
        }
    }

    /// Takes so much from each again.
    func lower(_ counters: [(id: CounterID, window: TimeWindow)], by amount: Int) throws {
        for (id, window) in counters.sorted(by: { $0.id.unit.rawValue < $1.id.unit.rawValue }) {
            try transaction.submit(
                """
                UPDATE usage_counters SET used = CASE WHEN used > \(amount) THEN used - \(amount) ELSE 0 END
                WHERE subject = \(id.subject.bytes) AND window_end = \(window.end)
                    AND service_id = \(id.service?.value ?? Self.allServices) AND unit = \(id.unit.rawValue)
                """)
        }
    }
}
