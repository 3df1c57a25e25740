import SQL
import Shared

/// A table as a database describes it.
struct TableShape: Sendable {
    struct Column: Sendable, Equatable {
        let name: String
        /// What a value has to be to be stored in it.
        let type: SQLType
        /// Whether the database numbers rows that do not say their number.
        let isIdentity: Bool
    }

    let name: String
    let columns: [Column]
    /// The columns of the primary key, in its order.
    let key: [String]
    /// The tables that must have their rows first.
    let references: Set<String>

    var keyIndexes: [Int] { key.compactMap { name in columns.firstIndex { $0.name == name } } }

    /// Those in front that others refer to.
    ///
    /// - Throws: `InternalFailure` if tables refer to each other in a circle.
    static func inOrderOfReferences(_ tables: [TableShape]) throws -> [TableShape] {
        var waiting = tables.sorted { $0.name < $1.name }
        var ordered: [TableShape] = []
        while !waiting.isEmpty {
            let names = Set(waiting.map(\.name))
            let free = waiting.filter { $0.references.subtracting([$0.name]).isDisjoint(with: names) }
            guard !free.isEmpty else { throw InternalFailure("tables refer to each other: \(names.sorted())") }
            ordered += free
            waiting.removeAll { table in free.contains { $0.name == table.name } }
        }
        return ordered
    }
}
