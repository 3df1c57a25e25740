import SQL
import Shared
import Synchronization
import Testing

extension DatabaseBehaviour {
    static let constraints = [
        DatabaseBehaviour("a second row of a unique key is refused, with table and columns") { database in
            try await database.makeConstrained()
            let pair = try await database.violation("INSERT INTO children VALUES (\(2), \(1), \("a"), \("b"), \(1))")
            #expect(pair?.isUnique("children", "a", "b") == true)
            let key = try await database.violation("INSERT INTO children VALUES (\(1), \(1), \("x"), \("y"), \(1))")
            #expect(key?.isUnique("children", "id") == true)
        },
        DatabaseBehaviour("a row that refers to nothing is refused, also by deletion") { database in
            try await database.makeConstrained()
            let orphan = try await database.violation("INSERT INTO children VALUES (\(2), \(9), \("x"), \("y"), \(1))")
            #expect(orphan?.kind == .foreignKey)
            let parent = try await database.violation("DELETE FROM parents WHERE id = \(1)")
            #expect(parent?.kind == .foreignKey)
        },
        DatabaseBehaviour("a value outside a check is refused, with the check's name") { database in
            try await database.makeConstrained()
            let violation = try await database.violation("UPDATE children SET age = \(-1)")
            #expect(violation?.kind == .check)
            #expect(violation?.name == "age_is_positive")
        },
        DatabaseBehaviour("NULL in a column that needs a value is refused, with the column") { database in
            try await database.makeConstrained()
            let violation = try await database.violation("UPDATE children SET age = \(Int?.none)")
            #expect(violation == ConstraintViolation(.notNull, table: "children", columns: ["age"]))
        },
        DatabaseBehaviour("work that meets the key of an unseen rival runs again and finds him") { database in
            try await database.makeCounters()
            try await database.write { try $0.insert("a", 7) }
            let runs = Mutex(0)
            let found = try await database.writeRetryingUniqueViolation { transaction in
                let run = runs.next()
                let name = "run \(run)"
                try transaction.insert(name)
                if run == 1 { try transaction.insert("a") }
                return try transaction.first("SELECT value FROM counters WHERE name = \("a")") { try $0.integer(0) }
            }
            #expect(found == 7)
            #expect(runs.withLock { $0 } == 2)
            // The first run left nothing.
            #expect(try await database.count() == 2)
        },
        DatabaseBehaviour("work that meets a key twice is refused, other refusals at once") { database in
            try await database.makeConstrained()
            let runs = Mutex(0)
            let key = await #expect(throws: ConstraintViolation.self) {
                try await database.writeRetryingUniqueViolation { transaction in
                    _ = runs.next()
                    try transaction.execute("INSERT INTO parents VALUES (\(1))")
                }
            }
            #expect(key?.kind == .unique && runs.withLock { $0 } == 2)
            let age = await #expect(throws: ConstraintViolation.self) {
                try await database.writeRetryingUniqueViolation { transaction in
                    _ = runs.next()
                    try transaction.execute("UPDATE children SET age = \(-1)")
                }
            }
            #expect(age?.kind == .check && runs.withLock { $0 } == 3)
        },
    ]
}

extension Mutex<Int> {
    /// Counts one more.
    fileprivate func next() -> Int {
        withLock { count in
            count += 1
            return count
        }
    }
}

extension Database {
    fileprivate func makeConstrained() async throws {
        try await write { transaction in
            try transaction.execute("CREATE TABLE parents (id \(Column.integer) PRIMARY KEY) \(Column.strict)")
            try transaction.execute(
                """
                CREATE TABLE children (
                    id \(Column.integer) PRIMARY KEY,
                    parent \(Column.integer) NOT NULL REFERENCES parents (id),
                    a TEXT NOT NULL, b TEXT NOT NULL,
                    age \(Column.integer) NOT NULL CONSTRAINT age_is_positive CHECK (age > 0),
                    UNIQUE (a, b)) \(Column.strict)
                """)
            try transaction.execute("INSERT INTO parents VALUES (\(1))")
            try transaction.execute("INSERT INTO children VALUES (\(1), \(1), \("a"), \("b"), \(1))")
        }
    }

    /// Runs a statement that must break a rule, and checks that it left nothing and that the next one works.
    fileprivate func violation(_ statement: Statement) async throws -> ConstraintViolation? {
        let violation = await #expect(throws: ConstraintViolation.self) {
            try await write { try $0.execute(statement) }
        }
        let left = try await write { transaction in
            try transaction.query("SELECT id, age FROM children") { [try $0.integer(0), try $0.integer(1)] }
        }
        #expect(left == [[1, 1]])
        return violation
    }
}
