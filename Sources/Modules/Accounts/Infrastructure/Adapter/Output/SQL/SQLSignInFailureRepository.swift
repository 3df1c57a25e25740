import AccountsApplication
import AccountsDomain
import SQL
import Shared

struct SQLSignInFailureRepository: SignInFailureRepository {
    let transaction: any SQLTransaction

    func find(_ key: String) throws -> SignInFailures? {
        try transaction.first(
            """
            SELECT window_start, failures, pending, last_failure, last_beginning, locked_until FROM login_attempts
            WHERE key = \(key)
            """
        ) { row in
            SignInFailures(
                key: key, windowStart: try row.timestamp(0), count: try row.integer(1), pending: try row.integer(2),
                lastFailure: try row.timestamp(3), lastBeginning: try row.optionalTimestamp(4),
                lockedUntil: try row.optionalTimestamp(5))
        }
    }

    /// By the key and not by its row, which only the first attempt makes.
    func lock(_ key: String) throws -> SignInFailures? {
        try transaction.lock(name: key)
        return try find(key)
    }

    func save(_ failures: SignInFailures) throws {
        try transaction.submit(
            """
            INSERT INTO login_attempts
                (key, window_start, failures, pending, last_failure, last_beginning, locked_until)
            VALUES (\(failures.key), \(failures.windowStart), \(failures.count), \(failures.pending),
                \(failures.lastFailure), \(failures.lastBeginning), \(failures.lockedUntil))
            ON CONFLICT (key) DO UPDATE SET window_start = excluded.window_start, failures = excluded.failures,
                pending = excluded.pending, last_failure = excluded.last_failure,
                last_beginning = excluded.last_beginning, locked_until = excluded.locked_until
            """)
    }

    func remove(_ key: String) throws {
        try transaction.submit("DELETE FROM login_attempts WHERE key = \(key)")
    }

    func removeAll(keysBeginningWith prefix: String) throws {
        try transaction.submit("DELETE FROM login_attempts WHERE \(Statement.begins("key", with: prefix))")
    }
}
