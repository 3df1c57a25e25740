import AccessApplication
import AccessContract
import AccessDomain
import Crypto
import SQL
import Shared

/// Reads use from the counters of days.
package struct SQLUsageReader: UsageReader {
    private let database: any Database
    private let keys: SubjectKeys
    private let flush: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - masterKey: the meter's.
    ///   - flush: brings counts that are only in memory into the database: `InMemoryMeter.flush`.
    package init(
        database: any Database, masterKey: MasterKey, flush: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.database = database
        keys = SubjectKeys(masterKey)
        self.flush = flush
    }

    package func use(
        of subject: MeterSubject?, service: ServiceID?, from: Timestamp, to: Timestamp
    ) async throws -> [DailyUse] {
        try await flush()
        let whose = subject.map { keys.key(of: $0) }
        return try await database.read { transaction in
            try SQLCounterTable(transaction: transaction).days(of: whose, service: service, from: from, to: to)
        }
    }
}

extension SQLCounterTable {
    /// - Parameter subject: nil for all whose counters do not repeat others'.
    func days(of subject: SubjectKey?, service: ServiceID?, from: Timestamp, to: Timestamp) throws -> [DailyUse] {
        var conditions: [Statement] = [
            "unit = \(CounterUnit.day.rawValue)", "window_start >= \(from)", "window_start < \(to)", "used > 0",
            service.map { "service_id = \($0)" } ?? "service_id <> \(Self.allServices)",
        ]
        if let subject {
            conditions.append("subject = \(subject.bytes)")
        } else {
            let kinds = [SubjectKey.Kind.user, .tenant, .network, .serviceAccount].map { kind -> Statement in
                "(subject >= \([kind.rawValue]) AND subject < \([kind.rawValue + 1]))"
            }
            conditions.append("(\(kinds.joined(by: " OR ")))")
        }
        return try transaction.query(
            """
            SELECT window_start, service_id, CAST(sum(used) AS BIGINT) FROM usage_counters
            WHERE \(conditions.joined(by: " AND "))
            GROUP BY window_start, service_id ORDER BY window_start, service_id
            """
        ) { DailyUse(day: try $0.timestamp(0), service: try $0.id(1), used: try $0.integer(2)) }
    }
}
