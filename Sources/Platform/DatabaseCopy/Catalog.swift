import SQL
import Shared

/// Reads what tables there are from the database's own catalogue, so that no list of them has to be kept.
struct Catalog {
    let transaction: any SQLTransaction

    /// Every table of the installation, those in front that others refer to.
    func tables() throws -> [TableShape] {
        let names = try transaction.query(Self.names(transaction.dialect)) { try $0.text(0) }
        return try TableShape.inOrderOfReferences(names.map(table))
    }

    private func table(_ name: String) throws -> TableShape {
        TableShape(
            name: name, columns: try columns(name),
            key: try transaction.query(Self.key(name, transaction.dialect)) { try $0.text(0) },
            references: Set(try transaction.query(Self.references(name, transaction.dialect)) { try $0.text(0) }))
    }

    private func columns(_ table: String) throws -> [TableShape.Column] {
        try transaction.query(Self.columns(table, transaction.dialect)) { row in
            let (name, typeName) = (try row.text(0), try row.text(1))
            guard let type = Self.types[typeName.lowercased()] else {
                throw InternalFailure("the column \(table).\(name) has the unknown type \(typeName)")
            }
            return TableShape.Column(name: name, type: type, isIdentity: try row.bool(2))
        }
    }

    private static let types: [String: SQLType] = [
        "text": .text, "character varying": .text, "integer": .integer, "smallint": .integer, "bigint": .integer,
        "real": .number, "double precision": .number, "boolean": .boolean, "blob": .bytes, "bytea": .bytes,
        "uuid": .identifier, "timestamp with time zone": .timestamp, "json": .json, "jsonb": .json,
    ]

    private static func names(_ dialect: Dialect) -> Statement {
        switch dialect {
        case .sqlite: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        case .postgres:
            """
            SELECT table_name::text FROM information_schema.tables
            WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
            """
        }
    }

    private static func columns(_ table: String, _ dialect: Dialect) -> Statement {
        switch dialect {
        case .sqlite: "SELECT name, type, 0 FROM pragma_table_info(\(table)) ORDER BY cid"
        case .postgres:
            """
            SELECT column_name::text, data_type::text, is_identity = 'YES' FROM information_schema.columns
            WHERE table_schema = current_schema() AND table_name = \(table) ORDER BY ordinal_position
            """
        }
    }

    private static func key(_ table: String, _ dialect: Dialect) -> Statement {
        switch dialect {
        case .sqlite: "SELECT name FROM pragma_table_info(\(table)) WHERE pk > 0 ORDER BY pk"
        case .postgres:
            """
            SELECT attname::text FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
                JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)
            WHERE indisprimary AND relname = \(table) AND relnamespace = current_schema()::regnamespace
            ORDER BY array_position(indkey, attnum)
            """
        }
    }

    private static func references(_ table: String, _ dialect: Dialect) -> Statement {
        switch dialect {
        case .sqlite: "SELECT DISTINCT \"table\" FROM pragma_foreign_key_list(\(table))"
        case .postgres:
            """
            SELECT DISTINCT target.relname::text FROM pg_constraint
                JOIN pg_class AS origin ON origin.oid = conrelid JOIN pg_class AS target ON target.oid = confrelid
            WHERE contype = 'f' AND origin.relname = \(table)
                AND origin.relnamespace = current_schema()::regnamespace
            """
        }
    }
}
