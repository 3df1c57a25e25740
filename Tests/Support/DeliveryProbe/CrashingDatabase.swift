import Glibc
import SQL
import Shared
import Synchronization

/// Where this process kills itself, by the steps that it takes in its database: each statement of a transaction, each
/// commit and each read is one, known by whose it is and how its SQL begins.
final class CrashPlan: Sendable {
    private struct State {
        var count = 0
        var seen: Set<String> = []
    }

    /// Named by `CRASH_AT`: a step, or `#40` for the fortieth, whichever it is; nil: nowhere.
    private let point: String?
    private let state = Mutex(State())

    init() { point = getenv("CRASH_AT").map { String(cString: $0) } }

    /// The steps that were taken, each once.
    var steps: [String] { state.withLock { $0.seen.sorted() } }

    func reached(_ step: String) {
        let count = state.withLock { state in
            state.count += 1
            state.seen.insert(step)
            return state.count
        }
        guard point == step || point == "#\(count)" else { return }
        // As the system ends it when there is no memory left: nothing is written, closed or told any more.
        kill(getpid(), SIGKILL)
    }
}

/// A database whose user can be killed at each of its steps.
struct CrashingDatabase: Database {
    let base: any Database
    /// Who uses it.
    let user: String
    let plan: CrashPlan

    var dialect: Dialect { base.dialect }

    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
        let (result, last) = try await base.write { [user, plan] transaction in
            let watched = CrashingTransaction(transaction, user, plan)
            return (try body(watched), watched.last)
        }
        plan.reached("\(user): committed \(last)")
        return result
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
        let (result, last) = try await base.read { transaction in
            let watched = CrashingTransaction(transaction, user, nil)
            return (try body(watched), watched.last)
        }
        plan.reached("\(user): read \(last)")
        return result
    }

    func time() async throws -> Timestamp? { try await base.time() }
    func close(by deadline: ContinuousClock.Instant?) async { await base.close(by: deadline) }
}

private final class CrashingTransaction: SQLTransaction {
    private let base: any SQLTransaction
    private let user: String
    private let plan: CrashPlan?
    /// How the last statement begins.
    private(set) var last = "nothing"

    private static let wordsMax = 7

    /// - Parameter plan: nil for a transaction that changes nothing.
    init(_ base: any SQLTransaction, _ user: String, _ plan: CrashPlan?) {
        self.base = base
        self.user = user
        self.plan = plan
    }

    var dialect: Dialect { base.dialect }

    func query<T>(_ statement: Statement, _ map: (Row) throws -> T) throws -> [T] {
        let rows = try base.query(statement, map)
        note(statement.rendered(for: dialect).sql)
        return rows
    }

    func first<T>(_ statement: Statement, _ map: (Row) throws -> T) throws -> T? {
        let row = try base.first(statement, map)
        note(statement.rendered(for: dialect).sql)
        return row
    }

    func execute(_ statement: Statement) throws -> Int {
        let count = try base.execute(statement)
        note(statement.rendered(for: dialect).sql)
        return count
    }

    func submit(_ statement: Statement) throws {
        try base.submit(statement)
        note(statement.rendered(for: dialect).sql)
    }

    func script(_ sql: String) throws {
        try base.script(sql)
        note(sql)
    }

    private func note(_ sql: String) {
        last = sql.split(whereSeparator: \.isWhitespace).prefix(Self.wordsMax).joined(separator: " ")
        plan?.reached("\(user): \(last)")
    }
}
