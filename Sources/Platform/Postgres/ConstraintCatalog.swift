import SQL
import Shared
import Synchronization

/// Tells which rule of the schema an error speaks of: the server gives the constraint's name, not its columns.
final class ConstraintCatalog: Sendable {
    private struct Key: Hashable {
        let schema: String
        let table: String
        let constraint: String
    }

    private static let limit = 1_024
    private let columns = Mutex<[Key: [String]]>([:])

    /// The schema is about to change.
    func forget() {
        columns.withLock { $0 = [:] }
    }

    /// - Parameter connection: outside of a transaction; asked for the columns of a key that is not known yet.
    /// - Returns: nil if the error is not about a broken rule.
    /// - Throws: `ConnectionLoss`, `StatementRefusal`.
    func violation(_ error: PostgresError, on connection: PostgresConnection) throws -> ConstraintViolation? {
        guard let kind = error.violatedKind else { return nil }
        if kind == .notNull {
            return ConstraintViolation(.notNull, table: error.table, columns: error.column.map { [$0] } ?? [])
        }
        guard kind != .check, let schema = error.schema, let table = error.table, let name = error.constraint else {
            return ConstraintViolation(kind, table: error.table, name: error.constraint)
        }
        let key = Key(schema: schema, table: table, constraint: name)
        if let known = columns.withLock({ $0[key] }) {
            return ConstraintViolation(kind, table: table, columns: known, name: name)
        }
        let found = try Self.columns(of: key, kind, on: connection)
        columns.withLock { columns in
            if columns.count >= Self.limit { columns = [:] }
            columns[key] = found
        }
        return ConstraintViolation(kind, table: table, columns: found, name: name)
    }

    /// The columns in the key's order; none if one of them is an expression.
    private static func columns(
        of key: Key, _ kind: ConstraintViolation.Kind, on connection: PostgresConnection
    ) throws -> [String] {
        // A unique key is always an index, and not always a constraint.
        let numbers: Statement =
            kind == .unique
            ? """
            SELECT k.place, k.number, i.indrelid AS relation
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                JOIN pg_class t ON t.oid = i.indrelid
                JOIN pg_namespace n ON n.oid = t.relnamespace,
                unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (number, place)
            WHERE n.nspname = \(key.schema) AND t.relname = \(key.table) AND c.relname = \(key.constraint)
                AND k.place <= i.indnkeyatts
            """
            : """
            SELECT k.place, k.number, o.conrelid AS relation
            FROM pg_constraint o JOIN pg_class t ON t.oid = o.conrelid
                JOIN pg_namespace n ON n.oid = t.relnamespace,
                unnest(o.conkey) WITH ORDINALITY AS k (number, place)
            WHERE n.nspname = \(key.schema) AND t.relname = \(key.table) AND o.conname = \(key.constraint)
            """
        let statement: Statement = """
            SELECT a.attname FROM (\(numbers)) AS k
                LEFT JOIN pg_attribute a ON a.attrelid = k.relation AND a.attnum = k.number AND k.number > 0
            ORDER BY k.place
            """
        let (sql, values) = statement.rendered(for: .postgres)
        try connection.send(sql, try ParameterBuffer(values))
        try connection.sync()
        let names = try connection.drain()?.rows().map { try $0.optionalText(0) } ?? []
        return names.contains(nil) ? [] : names.compactMap { $0 }
    }
}
