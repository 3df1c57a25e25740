import Lifecycle
import SQL
import Shared
import Synchronization

/// A database that asks, before a statement runs for the first time, how it will go about it, as it would over many
/// rows, and notes each that reads a whole table or a whole index.
package final class PlannedDatabase: Database, Service {
    private struct State {
        var seen: Set<StatementShape> = []
        var scans: [String] = []
        var lists: [ListPlan] = []
    }

    private let base: any Database
    private let state = Mutex(State())

    package init(_ base: any Database) {
        self.base = base
    }

    package var dialect: Dialect { base.dialect }
    package let name = "planned database"

    /// Statements without a way by an index, each with what reads everything.
    package var scans: [String] { state.withLock { $0.scans } }
    /// How the statements go about it that read a part of an order.
    package var lists: [ListPlan] { state.withLock { $0.lists } }
    /// How many statements were looked at.
    package var statementCount: Int { state.withLock { $0.seen.count } }

    package func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> T
    ) async throws -> T {
        try await base.write { [self] in try body(PlannedTransaction($0, of: self)) }
    }

    package func read<T: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> T
    ) async throws -> T {
        try await base.read { [self] in try body(PlannedTransaction($0, of: self)) }
    }

    package func time() async throws -> Timestamp? { try await base.time() }
    package func close(by deadline: ContinuousClock.Instant?) async { await base.close(by: deadline) }

    /// Whoever opened the database below runs it.
    package func run(_ lifecycle: ServiceLifecycle) async throws {
        lifecycle.started()
        await lifecycle.shutdownRequested()
    }

    fileprivate func look(at statement: Statement, in transaction: any SQLTransaction) throws {
        guard state.withLock({ $0.seen.insert(statement.shape).inserted }) else { return }
        let text = statement.shape.text(for: dialect)
        // Values alone have no plan, and locks of PostgreSQL are functions.
        guard !text.hasPrefix("LOCK"), !text.hasPrefix("SET"), !text.hasPrefix("SELECT pg_advisory") else { return }
        if text.contains("ORDER BY"), text.contains("LIMIT") {
            let plan = ListPlan(try Self.orderedPlan(of: statement, in: transaction), dialect: dialect)
            state.withLock { $0.lists.append(plan) }
        }
        let found = try Self.scans(of: statement, in: transaction)
        guard !found.isEmpty else { return }
        state.withLock { $0.scans.append("\(text): \(found.joined(separator: "; "))") }
    }

    /// How a statement finds its rows in order, if there is any way to.
    private static func orderedPlan(of statement: Statement, in transaction: any SQLTransaction) throws -> [String] {
        switch transaction.dialect {
        case .sqlite: return try transaction.query("EXPLAIN QUERY PLAN \(statement)") { try $0.text(3) }
        case .postgres:
            let ways = ["seqscan", "bitmapscan", "sort", "incremental_sort", "hashjoin", "mergejoin", "material"]
            for way in ways { try transaction.execute(Statement(unsafeSQL: "SET LOCAL enable_\(way) = off")) }
            let plan = try transaction.query("EXPLAIN (COSTS OFF) \(statement)") { try $0.text(0) }
            for way in ways { try transaction.execute(Statement(unsafeSQL: "SET LOCAL enable_\(way) = on")) }
            return plan
        }
    }

    /// What of a statement's plan reads everything.
    package static func scans(of statement: Statement, in transaction: any SQLTransaction) throws -> [String] {
        switch transaction.dialect {
        case .sqlite:
            let plan = try transaction.query("EXPLAIN QUERY PLAN \(statement)") { try $0.text(3) }
            // A table in a query of its own is told with what it makes; that is bounded by what is in it.
            return plan.filter { $0.hasPrefix("SCAN") && !$0.hasPrefix("SCAN CONSTANT") && !$0.hasPrefix("SCAN (") }
        case .postgres:
            // Small tables are read and joined whole whatever indexes there are; so it shows what an index can do.
            let ways = ["seqscan", "hashjoin", "mergejoin", "material"]
            for way in ways { try transaction.execute(Statement(unsafeSQL: "SET LOCAL enable_\(way) = off")) }
            let plan = try transaction.query("EXPLAIN (COSTS OFF) \(statement)") { try $0.text(0) }
            for way in ways { try transaction.execute(Statement(unsafeSQL: "SET LOCAL enable_\(way) = on")) }
            return plan.indices.filter { index in
                let line = plan[index]
                if line.contains("Seq Scan on") { return true }
                guard line.contains("Index Scan") || line.contains("Index Only Scan") else { return false }
                // The condition by which it is entered stands in the next lines, deeper than the scan.
                let depth = line.prefix { $0 == " " }.count
                let own = plan[(index + 1)...].prefix { $0.prefix { $0 == " " }.count > depth && !$0.contains("->") }
                return !own.contains { $0.contains("Index Cond") }
            }.map { plan[$0] }
        }
    }
}

/// Valid as long as the transaction that it wraps.
private final class PlannedTransaction: SQLTransaction {
    private let base: any SQLTransaction
    private let database: PlannedDatabase

    init(_ base: any SQLTransaction, of database: PlannedDatabase) {
        self.base = base
        self.database = database
    }

    var dialect: Dialect { base.dialect }

    func query<T>(_ statement: Statement, _ map: (Row) throws -> T) throws -> [T] {
        try database.look(at: statement, in: base)
        return try base.query(statement, map)
    }

    func first<T>(_ statement: Statement, _ map: (Row) throws -> T) throws -> T? {
        try database.look(at: statement, in: base)
        return try base.first(statement, map)
    }

    func execute(_ statement: Statement) throws -> Int {
        try database.look(at: statement, in: base)
        return try base.execute(statement)
    }

    func submit(_ statement: Statement) throws {
        try database.look(at: statement, in: base)
        try base.submit(statement)
    }

    func script(_ sql: String) throws { try base.script(sql) }
}
