import SQL
import Shared
import Testing

extension DatabaseBehaviour {
    static let migrations = [
        DatabaseBehaviour("migrations are applied once, in order") { database in
            let migrator = Migrator(steps)
            #expect(try await migrator.status(database).map(\.state) == [.pending, .pending, .pending])
            #expect(try await migrator.up(database) == steps)
            #expect(try await migrator.up(database).isEmpty)
            #expect(try await migrator.status(database).map(\.state) == [.applied, .applied, .applied])
            let rows = try await database.read { transaction in
                try transaction.query("SELECT n FROM one ORDER BY n") { try $0.integer(0) }
            }
            #expect(rows == [1, 2])
        },
        DatabaseBehaviour("the moment of a migration is noted") { database in
            struct FixedClock: WallClock { var now: Timestamp { Timestamp(milliseconds: 1_234) } }
            _ = try await Migrator(steps, clock: FixedClock()).up(database)
            let times = try await database.read { transaction in
                try transaction.query("SELECT applied_at FROM schema_migrations") { try $0.timestamp(0) }
            }
            #expect(times == Array(repeating: Timestamp(milliseconds: 1_234), count: 3))
        },
        DatabaseBehaviour("a database is foreign if it has tables that nobody migrated") { database async throws in
            let migrator = Migrator(steps)
            #expect(try await migrator.isForeign(database) == false)
            try await database.write { _ = try $0.execute("CREATE TABLE theirs (n INTEGER)") }
            #expect(try await migrator.isForeign(database))
            _ = try await migrator.up(database)
            #expect(try await migrator.isForeign(database) == false)
        },
        DatabaseBehaviour("asking for the status changes nothing") { database in
            _ = try await Migrator(steps).status(database)
            await #expect(throws: InternalFailure.self) {
                try await database.read { try $0.query("SELECT * FROM schema_migrations") { _ in } }
            }
        },
        DatabaseBehaviour("a migration that fails leaves nothing of itself; those before it stay") { database in
            let script = "CREATE TABLE left_over (n INTEGER); SELECT * FROM nowhere"
            let faulty = Migration(module: "a", version: 3, name: "faulty", sql: script)
            await #expect(throws: InternalFailure.self) { try await Migrator(steps + [faulty]).up(database) }
            let states = try await Migrator(steps + [faulty]).status(database).map(\.state)
            #expect(states == [.applied, .applied, .pending, .pending])
            await #expect(throws: InternalFailure.self) {
                try await database.read { try $0.query("SELECT * FROM left_over") { _ in } }
            }
            let rest = try await Migrator(steps).up(database)
            #expect(rest == [steps[2]])
        },
        DatabaseBehaviour("a changed, a skipped or an unknown migration is refused; nothing is applied") { database in
            _ = try await Migrator(Array(steps.prefix(2))).up(database)
            let changed = Migration(module: "a", version: 1, name: "one", sql: "SELECT 1")
            #expect(try await database.refusal(of: [changed, steps[1], steps[2]]) == .changed)
            #expect(try await database.refusal(of: [steps[0], steps[2]]) == .schemaTooNew)
            try await database.write { transaction in
                try transaction.execute("DELETE FROM schema_migrations WHERE version = \(1)")
            }
            #expect(try await database.refusal(of: steps) == .gap)
            #expect(try await Migrator(steps).status(database).map(\.state) == [.pending, .applied, .pending])
        },
        DatabaseBehaviour(reopening: "two programs that migrate at once apply each migration once") { open in
            let many = (1...10).map { number in
                Migration(
                    module: "m", version: number, name: "step", sql: "CREATE TABLE t\(number) (n INTEGER);")
            }
            let databases = [try await open(), try await open(), try await open()]
            let applied = try await withThrowingTaskGroup(of: [Migration].self) { group in
                for database in databases {
                    group.addTask { try await Migrator(many).up(database) }
                }
                var applied: [Migration] = []
                for try await part in group { applied += part }
                return applied
            }
            #expect(applied.map(\.version).sorted() == Array(1...10))
            #expect(try await Migrator(many).status(databases[0]).allSatisfy { $0.state == .applied })
        },
    ]

    private static let steps = [
        Migration(
            module: "a", version: 1, name: "one", sql: "CREATE TABLE one (n INTEGER); INSERT INTO one VALUES (1)"),
        Migration(module: "a", version: 2, name: "two", sql: "INSERT INTO one VALUES (2);"),
        Migration(module: "b", version: 1, name: "other", sql: "CREATE TABLE other (n INTEGER);"),
    ]
}

extension Database {
    fileprivate func refusal(of migrations: [Migration]) async throws -> MigrationRefusal.Code? {
        await #expect(throws: MigrationRefusal.self) { try await Migrator(migrations).up(self) }?.code
    }
}
