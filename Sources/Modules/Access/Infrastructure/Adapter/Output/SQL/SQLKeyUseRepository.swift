import AccessApplication
import AccessContract
import AccessDomain
import Retention
import SQL
import Shared

struct SQLKeyUseRepository: KeyUseRepository {
    let transaction: any SQLTransaction

    func add(_ uses: [KeyUse]) throws {
        for use in uses {
            try transaction.submit(
                """
                INSERT INTO key_usage (key_id, day, used) VALUES (\(use.place.key), \(use.place.day), \(use.used))
                ON CONFLICT (key_id, day) DO UPDATE SET used = key_usage.used + excluded.used
                """)
        }
    }

    func days(of key: APIKeyID, from: Timestamp, to: Timestamp) throws -> [KeyUse] {
        try transaction.query(
            "SELECT day, used FROM key_usage WHERE key_id = \(key) AND day >= \(from) AND day < \(to) ORDER BY day"
        ) { KeyUse(KeyUse.Place(key, at: try $0.timestamp(0)), used: try $0.integer(1)) }
    }

    func removeAll(of key: APIKeyID) throws {
        try transaction.submit("DELETE FROM key_usage WHERE key_id = \(key)")
    }

    /// Days are kept as long as those of the counters.
    static func prune(in database: any Database) -> Prune {
        Prune("key_usage", in: database, retention: .seconds(91 * 86_400)) { horizon, limit in
            """
            DELETE FROM key_usage WHERE (key_id, day) IN (
                SELECT key_id, day FROM key_usage WHERE day < \(horizon) LIMIT \(limit)\(forUpdateSkipLocked))
            """
        }
    }
}
