import JSON
import SQL
import Shared

/// Moves an installation into another database, row by row, and compares both afterwards.
///
/// It can be stopped at any moment and run again: how far each table is stands in the target, in the transaction of
/// its rows. Until it has ended, the target says that it is a copy that is not finished; see `isUnfinished`.
package struct DatabaseCopier: Sendable {
    /// A table that was copied and compared.
    package struct Table: Sendable, Equatable {
        package let name: String
        package let rows: Int
    }

    private let source: any Database
    private let target: any Database
    private let sourceName: String

    private static let tablesOfItsOwn: Set<String> = ["schema_migrations", "installation"]
    /// Of the facts in the target while the copy runs.
    private static let prefix = "copy_"
    private static let marker = prefix + "source"
    private static let progressPrefix = prefix + "progress:"

    /// Both have the schema of this program, and nobody else uses them.
    ///
    /// - Parameter sourceName: tells the source from others; the same when the copy is run again.
    package init(from source: any Database, to target: any Database, sourceName: String) {
        self.source = source
        self.target = target
        self.sourceName = sourceName
    }

    /// Whether a copy into this database was begun and has not ended.
    package static func isUnfinished(_ database: any Database) async throws -> Bool {
        try await InstallationFacts(database).find(marker) != nil
    }

    /// - Parameter report: hears of each table after it was copied, before it is compared.
    /// - Returns: the tables in the order of copying.
    /// - Throws: `CopyRefusal`; failures of the databases.
    package func run(report: @Sendable (Table) -> Void = { _ in }) async throws -> [Table] {
        let copies = try await tableCopies()
        try await begin(copies)
        for copy in copies {
            let name = copy.target.table.name
            let rows = try await copy.run(after: try await progress(of: name)) { key, transaction in
                try InstallationFacts.set(Self.progressPrefix + name, try KeyText.encode(key), in: transaction)
            }
            report(Table(name: name, rows: rows))
        }
        var tables: [Table] = []
        for copy in copies {
            tables.append(Table(name: copy.target.table.name, rows: try await copy.verify()))
            try await copy.continueNumbering()
        }
        try await InstallationFacts(target).removeAll(namesBeginningWith: Self.prefix)
        return tables
    }

    private func tableCopies() async throws -> [TableCopy] {
        let sources = try await source.read { try Catalog(transaction: $0).tables() }
        let targets = try await target.read { try Catalog(transaction: $0).tables() }
        guard Set(sources.map(\.name)) == Set(targets.map(\.name)) else {
            throw CopyRefusal(.schemaDiffers, "the databases do not have the same tables")
        }
        return try targets.filter { !Self.tablesOfItsOwn.contains($0.name) }.map { target in
            guard let source = sources.first(where: { $0.name == target.name }) else {
                throw CopyRefusal(.schemaDiffers, "the table \(target.name) is missing")
            }
            return try TableCopy(
                target.name, from: TablePages(table: source, database: self.source),
                to: TablePages(table: target, database: self.target))
        }
    }

    /// Marks the target, if it is empty or marked by this copy.
    private func begin(_ copies: [TableCopy]) async throws {
        let facts = InstallationFacts(target)
        if let known = try await facts.find(Self.marker) {
            guard known == sourceName else {
                throw CopyRefusal(.targetInUse, "another copy into the target, from \(known), has not finished")
            }
            return
        }
        for copy in copies {
            guard try await copy.target.isEmpty() else {
                throw CopyRefusal(.targetInUse, "the table \(copy.target.table.name) has rows already")
            }
        }
        try await facts.note(Self.marker, sourceName)
    }

    private func progress(of table: String) async throws -> [SQLValue]? {
        guard let text = try await InstallationFacts(target).find(Self.progressPrefix + table) else { return nil }
        return try KeyText.decode(text)
    }
}
