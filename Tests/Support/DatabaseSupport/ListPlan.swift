import SQL

/// How a list finds the items of a part.
package struct ListPlan: Sendable, CustomStringConvertible {
    private let lines: [String]
    private let dialect: Dialect

    init(_ lines: [String], dialect: Dialect) {
        self.lines = lines
        self.dialect = dialect
    }

    package var description: String { lines.joined(separator: "; ") }

    /// Whether it puts into order what it has found, and so finds all first.
    package var sorts: Bool {
        lines.contains { $0.contains("TEMP B-TREE FOR ORDER BY") || $0.contains("Sort") }
    }

    /// Whether it goes by one of these indexes.
    package func goes(by indexes: String...) -> Bool {
        indexes.contains { index in
            lines.contains {
                $0.contains("INDEX \(index) ") || $0.hasSuffix("INDEX \(index)") || $0.contains("using \(index) ")
            }
        }
    }

    /// Whether it goes along the primary key.
    package func goesAlong(_ table: String) -> Bool {
        switch dialect {
        case .sqlite:
            lines.contains { line in
                line == "SCAN \(table)" || line.hasPrefix("SEARCH \(table) USING PRIMARY KEY")
                    || line.contains("\(table) USING INDEX sqlite_autoindex_\(table)_1")
            }
        case .postgres: goes(by: "\(table)_pkey")
        }
    }
}
