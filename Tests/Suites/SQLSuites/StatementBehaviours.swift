import SQL
import Shared
import Testing

extension DatabaseBehaviour {
    static let statements = [
        DatabaseBehaviour("a statement says how many rows it changed itself") { database in
            try await database.makeCounters()
            let counts = try await database.write { transaction in
                [
                    try transaction.execute("INSERT INTO counters VALUES (\("a"), \(1)), (\("b"), \(2))"),
                    try transaction.execute("CREATE TABLE others (n \(Column.integer)) \(Column.strict)"),
                    try transaction.execute("UPDATE counters SET value = \(1)"),
                    try transaction.execute("UPDATE counters SET value = \(1) WHERE name = \("c")"),
                    try transaction.execute("DELETE FROM counters WHERE name = \("a")"),
                ]
            }
            #expect(counts == [2, 0, 2, 0, 1])
        },
        DatabaseBehaviour("the first row is given, or nil") { database in
            try await database.makeCounters()
            let found = try await database.write { transaction in
                try transaction.insert("a", 1)
                try transaction.insert("b", 2)
                let select: Statement = "SELECT value FROM counters WHERE value > \(0) ORDER BY name"
                let none: Statement = "SELECT value FROM counters WHERE value > \(5)"
                return [
                    try transaction.first(select) { try $0.integer(0) },
                    try transaction.first(none) { try $0.integer(0) },
                ]
            }
            #expect(found == [1, nil])
        },
        DatabaseBehaviour("rows that a change returns are given") { database in
            try await database.makeCounters()
            let values = try await database.write { transaction in
                try transaction.insert("a", 1)
                let returned = try transaction.query("UPDATE counters SET value = value + 1 RETURNING value") {
                    try $0.integer(0)
                }
                let first = try transaction.first("UPDATE counters SET value = value + 1 RETURNING value") {
                    try $0.integer(0)
                }
                return returned + [first ?? 0]
            }
            #expect(values == [2, 3])
        },
        DatabaseBehaviour("the same statement can run inside a row's closure") { database in
            try await database.makeCounters()
            let counts = try await database.write { transaction in
                try transaction.insert("a", 1)
                try transaction.insert("b", 2)
                let select: Statement = "SELECT value FROM counters ORDER BY name"
                return try transaction.query(select) { outer in
                    let inner = try transaction.query(select) { try $0.integer(0) }
                    return [try outer.integer(0)] + inner
                }
            }
            #expect(counts == [[1, 1, 2], [2, 1, 2]])
        },
        DatabaseBehaviour("an error in a row's closure ends the query and undoes the unit of work") { database in
            try await database.makeCounters()
            await #expect(throws: InternalFailure.self) {
                try await database.write { transaction in
                    try transaction.insert("a", 1)
                    return try transaction.query("SELECT name FROM counters") { try $0.integer(0) }
                }
            }
            #expect(try await database.count() == 0)
        },
        DatabaseBehaviour("two statements in one are refused, and none of them is run") { database in
            try await database.makeCounters()
            await #expect(throws: InternalFailure.self) {
                try await database.write { transaction in
                    try transaction.execute("DELETE FROM counters; DROP TABLE counters")
                }
            }
            #expect(try await database.count() == 0)
        },
        DatabaseBehaviour("a faulty statement is a defect, told with its text and without its values") { database in
            let error = await #expect(throws: InternalFailure.self) {
                try await database.read { transaction in
                    try transaction.query("SELECT nothing FROM nowhere WHERE x = \("secret")") { _ in }
                }
            }
            #expect(error?.description.contains("FROM nowhere") == true)
            #expect(error?.description.contains("secret") == false)
        },
        DatabaseBehaviour("a script runs every statement of it") { database in
            try await database.makeCounters()
            try await database.write { transaction in
                try transaction.script(
                    """
                    INSERT INTO counters VALUES ('a;b', 1); -- a comment; with a semicolon
                    INSERT INTO counters VALUES ('c', 2);
                    """)
            }
            #expect(try await database.count() == 2)
        },
    ]
}
