import SQL
import Shared

/// Copies one table and compares it afterwards.
struct TableCopy: Sendable {
    let source: TablePages
    let target: TablePages
    private let columns: [String]

    static let pageSize = 500

    /// - Throws: `CopyRefusal` unless both have the same columns and key.
    init(_ table: String, from source: TablePages, to target: TablePages) throws {
        let columns = target.table.columns.map(\.name)
        guard !target.table.key.isEmpty, source.table.key == target.table.key,
            Set(source.table.columns.map(\.name)) == Set(columns)
        else { throw CopyRefusal(.schemaDiffers, "the table \(table) differs between the databases") }
        self.source = source
        self.target = target
        self.columns = columns
    }

    /// Copies the rows behind a key.
    ///
    /// - Parameters:
    ///   - key: the last one that was copied before; nil for all rows.
    ///   - note: is called in the transaction of each page with its last key.
    /// - Returns: how many rows.
    func run(
        after key: [SQLValue]?, noting note: @escaping @Sendable ([SQLValue], any SQLTransaction) throws -> Void
    ) async throws -> Int {
        var last = key
        var count = 0
        while true {
            let rows = try await source.page(columns, after: last, limit: Self.pageSize)
            guard let lastRow = rows.last else { return count }
            let key = keyOf(lastRow)
            let statements = try rows.map { insertion(try converted($0)) }
            try await target.database.write { transaction in
                for statement in statements { try transaction.submit(statement) }
                try note(key, transaction)
            }
            last = key
            count += rows.count
        }
    }

    /// - Returns: how many rows there are.
    /// - Throws: `CopyRefusal` at the first row that differs.
    func verify() async throws -> Int {
        var last: (source: [SQLValue], target: [SQLValue])?
        var count = 0
        while true {
            let rows = try await source.page(columns, after: last?.source, limit: Self.pageSize)
            let copies = try await target.page(columns, after: last?.target, limit: Self.pageSize)
            guard rows.count == copies.count else { throw differs(after: count + min(rows.count, copies.count)) }
            for (index, row) in rows.enumerated() {
                let isSame = zip(try converted(row), copies[index]).allSatisfy { $0.means($1) }
                guard isSame else { throw differs(after: count + index) }
            }
            guard let row = rows.last, let copy = copies.last else { return count }
            last = (keyOf(row), keyOf(copy))
            count += rows.count
        }
    }

    /// Lets the target number new rows behind the copied ones.
    func continueNumbering() async throws {
        guard target.database.dialect == .postgres else { return }
        for column in target.table.columns where column.isIdentity {
            let (table, name) = (target.table.name, Statement(unsafeSQL: quoted(column.name)))
            let numbering: Statement = """
                SELECT setval(pg_get_serial_sequence(\(quoted(table)), \(column.name)), coalesce(max(\(name)), 1),
                    max(\(name)) IS NOT NULL) FROM \(target.name)
                """
            try await target.database.write { _ = try $0.first(numbering) { try $0.integer(0) } }
        }
    }

    private func keyOf(_ row: [SQLValue]) -> [SQLValue] { target.table.keyIndexes.map { row[$0] } }

    private func converted(_ row: [SQLValue]) throws -> [SQLValue] {
        try zip(row, target.table.columns).map { value, column in
            guard let converted = value.converted(to: column.type), !converted.holdsNullCharacter else {
                throw CopyRefusal(
                    .valueUnfit, "\(target.table.name).\(column.name) holds a value that does not fit there")
            }
            return converted
        }
    }

    private func insertion(_ row: [SQLValue]) -> Statement {
        let names = Statement(unsafeSQL: columns.map(quoted).joined(separator: ", "))
        let values = row.map { value -> Statement in "\(value: value)" }.joined(by: ", ")
        let key = Statement(unsafeSQL: target.table.key.map(quoted).joined(separator: ", "))
        let changes = columns.filter { !target.table.key.contains($0) }
            .map { "\(quoted($0)) = excluded.\(quoted($0))" }.joined(separator: ", ")
        let action = Statement(unsafeSQL: changes.isEmpty ? "DO NOTHING" : "DO UPDATE SET \(changes)")
        return "INSERT INTO \(target.name) (\(names)) VALUES (\(values)) ON CONFLICT (\(key)) \(action)"
    }

    private func differs(after count: Int) -> CopyRefusal {
        CopyRefusal(.rowDiffers, "row \(count + 1) of \(target.table.name), in the order of its key, differs")
    }
}
