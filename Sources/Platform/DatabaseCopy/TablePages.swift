import SQL

/// Reads a table's rows in the order of its key, a page at a time. The order is the same in every database: bytes.
struct TablePages: Sendable {
    let table: TableShape
    let database: any Database

    /// - Parameters:
    ///   - columns: which ones, in which order.
    ///   - key: the key of the row before the page; nil for the first page.
    ///   - limit: rows of a page at most.
    func page(_ columns: [String], after key: [SQLValue]?, limit: Int) async throws -> [[SQLValue]] {
        let order = keyColumns
        var statement: Statement =
            "SELECT \(Statement(unsafeSQL: columns.map(quoted).joined(separator: ", "))) FROM \(name)"
        if let key {
            let bounds = key.map { value -> Statement in "\(value: value)" }
            statement = "\(statement) WHERE (\(order)) > (\(bounds.joined(by: ", ")))"
        }
        let query: Statement = "\(statement) ORDER BY \(order) LIMIT \(limit)"
        return try await database.read { transaction in
            try transaction.query(query) { row in try (0..<row.columnCount).map { try row.value($0) } }
        }
    }

    func isEmpty() async throws -> Bool {
        let query: Statement = "SELECT 1 FROM \(name) LIMIT 1"
        return try await database.read { try $0.first(query) { try $0.integer(0) } == nil }
    }

    var name: Statement { Statement(unsafeSQL: quoted(table.name)) }

    private var keyColumns: Statement {
        let columns = table.key.map { key -> String in
            let isText = table.columns.first { $0.name == key }?.type == .text
            return isText && database.dialect == .postgres ? "\(quoted(key)) COLLATE \"C\"" : quoted(key)
        }
        return Statement(unsafeSQL: columns.joined(separator: ", "))
    }
}

/// A name of the catalogue in a statement.
func quoted(_ name: String) -> String {
    "\"\(name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
}
