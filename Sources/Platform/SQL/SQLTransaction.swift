/// A unit of work, as repositories see it. Valid inside the closure that it was given to, and there only: later use
/// throws `InternalFailure`.
///
/// All calls block the driver's own thread. They throw `ConstraintViolation`; `Unavailable` if the database cannot
/// work now; `InternalFailure` for everything else, also for text with U+0000 in it.
package protocol SQLTransaction: AnyObject {
    var dialect: Dialect { get }

    /// Runs a statement and turns each of its rows into a value.
    func query<T>(_ statement: Statement, _ map: (Row) throws -> T) throws -> [T]

    /// Runs a statement and turns its first row, if there is one, into a value. Later rows are not looked at.
    func first<T>(_ statement: Statement, _ map: (Row) throws -> T) throws -> T?

    /// Runs a statement now.
    ///
    /// - Returns: how many rows it inserted, updated (also to equal values) or deleted itself, without triggers and
    ///   cascades.
    @discardableResult
    func execute(_ statement: Statement) throws -> Int

    /// Runs a statement whose outcome nobody looks at here. A driver with a network in between may send it together
    /// with later ones; an error then comes with the next `query`, `first` or `execute`, or with the commit.
    func submit(_ statement: Statement) throws

    /// Runs several statements without values, separated by `;`. For migrations; no BEGIN, COMMIT or ROLLBACK.
    func script(_ sql: String) throws
}

/// Locks until the end of the transaction. Nothing on SQLite, whose writers run one after the other.
extension SQLTransaction {
    /// Locks the rows that a SELECT finds; their values are read afterwards, as they are when the lock is there.
    package func lock(_ rows: Statement) throws {
        guard dialect == .postgres else { return }
        try submit("\(rows) FOR UPDATE")
    }

    /// Keeps other writers of a table out: for decisions about rows that may not be there yet.
    package func lock(table: StaticString) throws {
        guard dialect == .postgres else { return }
        try submit(Statement(unsafeSQL: "LOCK TABLE \(table) IN SHARE ROW EXCLUSIVE MODE"))
    }

    /// Locks a name that stands for a row that may not be there yet. Two names may, rarely, share a lock.
    package func lock(name: String) throws {
        guard dialect == .postgres else { return }
        try submit("SELECT pg_advisory_xact_lock(hashtextextended(\(name), 0))")
    }
}
