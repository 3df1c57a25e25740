import SQL
import Shared

/// One unit of work on a connection.
final class SQLiteTransaction: SQLTransaction {
    private let connection: SQLiteConnection
    private var hasEnded = false
    /// The error that made SQLite roll the whole transaction back, whatever the caller made of it.
    private(set) var loss: (any Error)?

    init(_ connection: SQLiteConnection) {
        self.connection = connection
    }

    var dialect: Dialect { .sqlite }

    func query<T>(_ statement: Statement, _ map: (Row) throws -> T) throws -> [T] {
        var results: [T] = []
        try guarded {
            _ = try connection.run(statement) { row in
                results.append(try map(row))
                return true
            }
        }
        return results
    }

    func first<T>(_ statement: Statement, _ map: (Row) throws -> T) throws -> T? {
        var result: T?
        try guarded {
            _ = try connection.run(statement) { row in
                result = try map(row)
                return false
            }
        }
        return result
    }

    @discardableResult
    func execute(_ statement: Statement) throws -> Int {
        try guarded { try connection.run(statement) }
    }

    func submit(_ statement: Statement) throws {
        try execute(statement)
    }

    func script(_ sql: String) throws {
        try guarded { try connection.script(sql) }
    }

    /// From now on every use is refused.
    func end() { hasEnded = true }

    private func guarded<T>(_ work: () throws -> T) throws -> T {
        if hasEnded { throw InternalFailure("a transaction was used after its end") }
        // Without this the statement would be committed on its own.
        if let loss { throw loss }
        do {
            let result = try work()
            if !connection.isInTransaction { throw InternalFailure("a statement ended the transaction") }
            return result
        } catch {
            if !connection.isInTransaction { loss = error }
            throw error
        }
    }
}
