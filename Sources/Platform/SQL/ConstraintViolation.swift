/// A statement would have broken a rule of the schema and changed nothing.
///
/// On SQLite the transaction could go on; on PostgreSQL it is over. Callers therefore let it end.
package struct ConstraintViolation: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        /// Also a primary key.
        case unique
        case foreignKey = "foreign key"
        case check
        case notNull = "not null"
    }

    package let kind: Kind
    /// Nil where the database does not say it: SQLite for `foreignKey` and `check`.
    package let table: String?
    /// The columns of the key, in its order; empty where the database does not say them.
    package let columns: [String]
    /// The constraint's name, where the database says it: SQLite for `check` only.
    package let name: String?

    package init(_ kind: Kind, table: String? = nil, columns: [String] = [], name: String? = nil) {
        self.kind = kind
        self.table = table
        self.columns = columns
        self.name = name
    }

    /// Whether a unique key with exactly these columns was broken.
    package func isUnique(_ table: String, _ columns: String...) -> Bool {
        kind == .unique && self.table == table && self.columns == columns
    }

    package var description: String {
        let place = name ?? table.map { ([$0] + columns).joined(separator: " ") } ?? "unknown"
        return "\(kind.rawValue) constraint violated: \(place)"
    }
}
