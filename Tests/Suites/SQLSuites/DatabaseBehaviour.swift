import SQL
import Testing

/// Something that every driver of SQL must do. A driver's integration tests run all of them:
///
///     @Test("behaves as every database", arguments: DatabaseBehaviour.all)
///     func behaves(_ behaviour: DatabaseBehaviour) async throws {
///         try await withDatabase { open in try await behaviour.check(open) }
///     }
package struct DatabaseBehaviour: Sendable, CustomTestStringConvertible {
    /// Opens the same database, empty before the behaviour began: each call as another process would.
    package typealias Open = @Sendable () async throws -> any Database

    package let testDescription: String
    package let check: @Sendable (Open) async throws -> Void

    /// A behaviour that needs one opened database.
    init(_ name: String, _ check: @escaping @Sendable (any Database) async throws -> Void) {
        testDescription = name
        self.check = { open in try await check(try await open()) }
    }

    /// A behaviour that opens the database itself, more than once.
    init(reopening name: String, _ check: @escaping @Sendable (Open) async throws -> Void) {
        testDescription = name
        self.check = check
    }

    package static let all = transactions + isolation + values + statements + constraints + migrations
}

/// Column types that the databases name differently.
enum Column {
    static let bytes = DialectText(sqlite: "BLOB", postgres: "bytea")
    static let identifier = DialectText(sqlite: "BLOB", postgres: "uuid")
    static let timestamp = DialectText(sqlite: "INTEGER", postgres: "timestamptz")
    static let boolean = DialectText(sqlite: "INTEGER", postgres: "boolean")
    static let integer = DialectText(sqlite: "INTEGER", postgres: "bigint")
    static let number = DialectText(sqlite: "REAL", postgres: "double precision")
    static let json = DialectText(sqlite: "TEXT", postgres: "jsonb")
    static let strict = DialectText(sqlite: "STRICT", postgres: "")
}

extension Database {
    /// The table `counters(name, value)`, empty.
    func makeCounters() async throws {
        try await write { transaction in
            try transaction.execute(
                "CREATE TABLE counters (name TEXT PRIMARY KEY, value \(Column.integer) NOT NULL) \(Column.strict)")
        }
    }

    func count() async throws -> Int? {
        try await read { try $0.count() }
    }
}

extension SQLTransaction {
    func insert(_ name: String, _ value: Int = 0) throws {
        try execute("INSERT INTO counters (name, value) VALUES (\(name), \(value))")
    }

    func count() throws -> Int? {
        try first("SELECT count(*) FROM counters") { try $0.integer(0) }
    }
}

struct PlannedFailure: Error, Equatable {
    var number = 0
}
