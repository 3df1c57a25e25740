import SQL
import Shared

/// One unit of work on a connection.
///
/// BEGIN travels with the first statement. The first refused statement ends the unit: the transaction is rolled back
/// at once and every later use throws the same error, as PostgreSQL itself would refuse it.
final class PostgresTransaction: SQLTransaction {
    /// Why the unit of work may be run again.
    enum Retry {
        /// In conflict with another transaction.
        case conflict
        /// The connection was lost, or its prepared statements, before COMMIT was sent.
        case connection
    }

    private let connection: PostgresConnection
    private let isReadOnly: Bool
    private let settings: PostgresSettings
    private let catalog: ConstraintCatalog
    private var hasBegun = false
    private var hasEnded = false
    /// What ended the unit of work, whatever its closure made of it.
    private(set) var loss: (any Error)?
    /// Whether running it again on this or another connection may help.
    private(set) var retry: Retry?

    init(
        _ connection: PostgresConnection, isReadOnly: Bool, _ settings: PostgresSettings, _ catalog: ConstraintCatalog
    ) {
        self.connection = connection
        self.isReadOnly = isReadOnly
        self.settings = settings
        self.catalog = catalog
    }

    var dialect: Dialect { .postgres }

    func query<T>(_ statement: Statement, _ map: (Row) throws -> T) throws -> [T] {
        try guarded { try run(statement)?.rows() ?? [] }.map(map)
    }

    func first<T>(_ statement: Statement, _ map: (Row) throws -> T) throws -> T? {
        try guarded { try run(statement)?.rows(atMost: 1) ?? [] }.first.map(map)
    }

    @discardableResult
    func execute(_ statement: Statement) throws -> Int {
        try guarded { try run(statement)?.changedRows ?? 0 }
    }

    func submit(_ statement: Statement) throws {
        try guarded { try send(statement) }
    }

    func script(_ sql: String) throws {
        try guarded {
            try begin()
            try connection.sendControl("SET LOCAL statement_timeout = 0")
            try exchange()
            catalog.forget()
            try connection.script(sql)
            try checkTransaction()
            let limit = settings.statementTimeout.wholeMilliseconds
            try connection.sendControl("SET LOCAL statement_timeout = \(limit)")
        }
    }

    /// Makes what was done durable.
    ///
    /// - Throws: why it was rolled back, or that nobody knows.
    func commit() throws {
        try guarded {
            guard hasBegun else { return }
            let isOutstanding = !connection.expected.isEmpty
            try connection.sendCommit(isReadOnly: isReadOnly)
            try connection.sync()
            // Nothing depends on the end of a read: its answer is read before the next use.
            if !isReadOnly || isOutstanding { try connection.drain() }
        }
        hasEnded = true
    }

    /// From now on every use is refused; what was done and not committed is undone.
    func end() {
        if !hasEnded, loss == nil, hasBegun { undo() }
        hasEnded = true
    }

    private func begin() throws {
        guard !hasBegun else { return }
        hasBegun = true
        let mode = isReadOnly ? "REPEATABLE READ READ ONLY" : "READ COMMITTED"
        try connection.sendControl("BEGIN ISOLATION LEVEL \(mode)")
        if connection.isPooled {
            try connection.sendControl("SELECT \(PostgresConnection.limits(settings, isLocal: true))")
        }
        if connection.needsProof {
            try exchange()
            connection.needsProof = false
        }
    }

    private func send(_ statement: Statement) throws {
        let (sql, values) = statement.rendered(for: .postgres)
        let parameters = try ParameterBuffer(values)
        try begin()
        try connection.send(sql, parameters)
    }

    private func run(_ statement: Statement) throws -> QueryResult? {
        try send(statement)
        return try exchange()
    }

    @discardableResult
    private func exchange() throws -> QueryResult? {
        try connection.sync()
        let result = try connection.drain()
        try checkTransaction()
        return result
    }

    private func checkTransaction() throws {
        if !connection.isInTransaction {
            loss = InternalFailure("a statement ended the transaction")
            throw InternalFailure("a statement ended the transaction")
        }
    }

    private func guarded<T>(_ work: () throws -> T) throws -> T {
        if hasEnded { throw InternalFailure("a transaction was used after its end") }
        if let loss { throw loss }
        do {
            return try work()
        } catch let refusal as StatementRefusal {
            let error = outcome(of: refusal)
            loss = error
            throw error
        } catch let lost as ConnectionLoss {
            let error = outcome(of: lost)
            loss = error
            throw error
        }
    }

    private func outcome(of lost: ConnectionLoss) -> any Error {
        if let defect = lost.defect { return defect }
        if lost.mayHaveCommitted, !isReadOnly {
            return Unavailable(
                "database", reason: "lost during COMMIT, so that nobody knows whether it was done: \(lost.reason)")
        }
        retry = .connection
        return Unavailable("database", reason: lost.reason)
    }

    private func outcome(of refusal: StatementRefusal) -> any Error {
        undo()
        guard let error = refusal.error else { return refusal.failure }
        do {
            if error.isConflict { retry = .conflict }
            if error.isStaleStatement {
                retry = .connection
                try connection.forgetStatements()
            }
            // Another server may take writes.
            if error.isReadOnlyServer, !isReadOnly { _ = connection.loss() }
            if let violation = try catalog.violation(error, on: connection) { return violation }
        } catch let lost as ConnectionLoss {
            retry = .connection
            return Unavailable("database", reason: lost.reason)
        } catch {
            return InternalFailure("\(refusal.failure): \(error)")
        }
        return error.mapped(sql: refusal.sql, isReadOnly: isReadOnly)
    }

    private func undo() {
        guard !connection.isLost else { return }
        do {
            // Submitted statements whose answers nobody asked for.
            let isOutstanding = !connection.expected.isEmpty
            guard isOutstanding || connection.isInTransaction || connection.hasFailedTransaction else { return }
            try connection.sendControl("ROLLBACK")
            try connection.sync()
            try connection.drain()
        } catch is StatementRefusal {
            // A submitted statement was refused, so that ROLLBACK was skipped.
            if connection.hasFailedTransaction { undo() }
        } catch {
            // Nothing was committed; `drain` has marked the connection as lost.
        }
    }
}
