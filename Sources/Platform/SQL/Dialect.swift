/// The family of database that a statement is rendered for.
package enum Dialect: String, Sendable, CaseIterable {
    case sqlite, postgres
}

/// SQL text that differs between the databases. Holds no values.
package struct DialectText: Sendable {
    let sqlite: String
    let postgres: String

    /// - Parameters:
    ///   - sqlite: what stands in the statement on SQLite; may be empty.
    ///   - postgres: what stands there on PostgreSQL; may be empty.
    package init(sqlite: String, postgres: String) {
        self.sqlite = sqlite
        self.postgres = postgres
    }
}

/// Locks the rows of a SELECT until the end of the transaction: `"... WHERE id = \(id)\(forUpdate)"`.
/// Nothing on SQLite, whose writers run one after the other.
package let forUpdate = DialectText(sqlite: "", postgres: " FOR UPDATE")

/// As `forUpdate`, but rows that another transaction holds are left out: for queues with many workers.
package let forUpdateSkipLocked = DialectText(sqlite: "", postgres: " FOR UPDATE SKIP LOCKED")
