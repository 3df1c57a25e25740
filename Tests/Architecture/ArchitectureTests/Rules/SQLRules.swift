extension Rule {
    /// SQL stands in the SQL adapters of the modules and in Platform.
    static let sqlPlace = Rule(name: "sql-place") { tree in
        tree.files(under: "Sources/", suffix: ".swift").flatMap { path, text -> [Violation] in
            let mayHaveSQL = path.hasPrefix("Sources/Platform/") || path.contains("/Infrastructure/Adapter/Output/")
            guard !mayHaveSQL else { return [] }
            let sql = /\b(SELECT|INSERT INTO|DELETE FROM|UPDATE \w+ SET|(CREATE|ALTER|DROP) (TABLE|INDEX)|PRAGMA)\b/
            let lowerCase =
                /\b(select .+ from \w+( where|$|;)|insert into \w+ ?\(|delete from \w+ where|update \w+ set \w+ ?=)/
            return SwiftLines(text).lines.enumerated().compactMap { index, line in
                guard !line.text.isEmpty, line.text.contains(sql) || line.text.contains(lowerCase) else { return nil }
                return Violation(
                    path: path, line: index + 1, rule: "sql-place",
                    reason: "SQL belongs into Adapter/Output or Platform")
            }
        }
    }

    /// A table belongs to the module, or the Platform library, whose migration makes it; nobody else names it.
    static let tableOwner = Rule(name: "table-owner") { tree in
        let statements = sqlLines(tree)
        var makers: [String: Set<String>] = [:]
        for (table, statement) in madeTables(statements) { makers[table, default: []].insert(statement.owner) }
        let owners = makers.filter { $0.value.count == 1 }.compactMapValues(\.first)
        var found = madeTables(statements).filter { owners[$0.table] == nil }.map { table, statement in
            statement.violation("the table \(table) is made by \(makers[table, default: []].sorted())")
        }
        for statement in statements {
            let named = statement.text.matches(
                of: /\b(?:FROM|JOIN|INTO|UPDATE|REFERENCES|TABLE|ON) "?([a-z_][a-z0-9_]*)/)
            for table in Set(named.map { String($0.1) }) {
                if let owner = owners[table], owner != statement.owner {
                    found.append(statement.violation("the table \(table) belongs to \(owner)"))
                }
            }
        }
        return found
    }

    private static func madeTables(_ statements: [SQLLine]) -> [(table: String, statement: SQLLine)] {
        statements.filter { $0.path.contains("/Migrations/") }.flatMap { statement in
            statement.text.matches(of: /(?i)\bCREATE TABLE (?:IF NOT EXISTS )?"?(\w+)/).map {
                ($0.1.lowercased(), statement)
            }
        }
    }

    private struct SQLLine {
        let path: String
        let line: Int
        let text: String
        /// `Modules/Accounts` or `Platform/Audit`.
        let owner: String

        func violation(_ reason: String) -> Violation {
            Violation(path: path, line: line, rule: "table-owner", reason: reason)
        }
    }

    private static func sqlLines(_ tree: SourceTree) -> [SQLLine] {
        tree.files(under: "Sources/").flatMap { path, text -> [SQLLine] in
            let parts = path.split(separator: "/")
            guard parts.count > 3 else { return [] }
            let owner = "\(parts[1])/\(parts[2])"
            let lines: [String]
            if path.hasSuffix(".sql") {
                lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
                    String($0.prefix(upTo: $0.firstRange(of: "--")?.lowerBound ?? $0.endIndex))
                }
            } else if path.hasSuffix(".swift") {
                lines = SwiftLines(text).lines.map(\.text)
            } else {
                return []
            }
            return lines.enumerated().filter { !$0.element.isEmpty }.map {
                SQLLine(path: path, line: $0.offset + 1, text: $0.element, owner: owner)
            }
        }
    }
}
