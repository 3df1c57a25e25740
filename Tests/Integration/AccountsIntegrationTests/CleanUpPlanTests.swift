import AccountsApplication
import AccountsContract
import AccountsDomain
import DatabaseSupport
import Lifecycle
import SQL
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("The clean-up of Accounts over many rows")
struct CleanUpPlanTests {
    @Test(
        "with 200,000 failed sign-ins and 2,000 stale accounts each statement goes by an index, and batches are small",
        arguments: Dialect.allCases)
    func manyRows(_ dialect: Dialect) async throws {
        try await withDatabase(dialect, AccountsHouse.schemas) { database in
            let clock = ManualClock()
            try await Self.fill(database, at: clock.now)
            let planned = PlannedDatabase(database)
            let house = try AccountsHouse(planned, clock: clock)
            let cleanUp = CleanUpService(work: house.work, clock: clock)
            for _ in 0..<3 { #expect(try await cleanUp() == 220) }
            #expect(try await house.count("users") == 2_000 - 60)
            #expect(try await house.count("login_attempts") == 202_000 - 600 - 60)
            #expect(planned.scans == [])
            #expect(planned.statementCount >= 12)
        }
    }

    @Test("the statement of before, which looked at every key, is found out", arguments: Dialect.allCases)
    func foundOut(_ dialect: Dialect) async throws {
        try await withDatabase(dialect, AccountsHouse.schemas) { database in
            let planned = PlannedDatabase(database)
            try await planned.write { try $0.submit("DELETE FROM login_attempts WHERE substr(key, 1, 7) = 'device:'") }
            #expect(planned.scans.count == 1)
        }
    }

    /// Failed sign-ins of the last two days, and accounts of eight days ago with a device of each.
    private static func fill(_ database: any Database, at now: Timestamp) async throws {
        let (old, stale) = (now - .seconds(2 * 86_400), now - .seconds(8 * 86_400))
        let newID = DialectText(sqlite: "randomblob(16)", postgres: "gen_random_uuid()")
        try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO login_attempts (key, window_start, failures, pending, last_failure)
                SELECT 'account:nobody' || i || '@example.com', \(old), 1, 0,
                    CASE WHEN i % 2 = 0 THEN \(old) ELSE \(now) END
                FROM \(numbers(to: 200_000))
                """)
            try transaction.execute(
                """
                INSERT INTO login_attempts (key, window_start, failures, pending, last_failure)
                SELECT 'device:stale' || i || '@example.com:1', \(now), 1, 0, \(now) FROM \(numbers(to: 2_000))
                """)
            try transaction.execute(
                """
                INSERT INTO users (id, email, email_key, is_active, is_verified, locale, provider, created_at,
                    updated_at)
                SELECT \(newID), 'stale' || i || '@example.com', 'stale' || i || '@example.com', \(true), \(false),
                    'en', 'password', \(stale), \(stale)
                FROM \(numbers(to: 2_000))
                """)
            try transaction.script("ANALYZE")
        }
    }

    private static func numbers(to last: Int) -> DialectText {
        DialectText(
            sqlite: """
                (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(last)) SELECT i FROM n)
                """,
            postgres: "generate_series(1, \(last)) AS n (i)")
    }
}
