import Shared

/// One row of a result. Columns are read by their index, from 0, in the order of the SELECT.
///
/// Every reading throws `InternalFailure`, which names the index and the wanted type but never the value, if the
/// column does not exist, is NULL (unless the name says `optional`) or has another type.
package struct Row: Sendable {
    private let values: [SQLValue]

    /// For drivers.
    package init(_ values: [SQLValue]) {
        self.values = values
    }

    package var columnCount: Int { values.count }

    /// Whatever it is, as the driver gives it.
    package func value(_ column: Int) throws -> SQLValue { try value(column, .text) }

    package func text(_ column: Int) throws -> String { try required(column, .text, \.asText) }
    package func optionalText(_ column: Int) throws -> String? { try optional(column, .text, \.asText) }

    /// 64 bits.
    package func integer(_ column: Int) throws -> Int { try required(column, .integer, \.asInteger) }
    package func optionalInteger(_ column: Int) throws -> Int? { try optional(column, .integer, \.asInteger) }

    package func number(_ column: Int) throws -> Double { try required(column, .number, \.asNumber) }
    package func optionalNumber(_ column: Int) throws -> Double? { try optional(column, .number, \.asNumber) }

    package func bool(_ column: Int) throws -> Bool { try required(column, .boolean, \.asBoolean) }
    package func optionalBool(_ column: Int) throws -> Bool? { try optional(column, .boolean, \.asBoolean) }

    package func bytes(_ column: Int) throws -> [UInt8] { try required(column, .bytes, \.asBytes) }
    package func optionalBytes(_ column: Int) throws -> [UInt8]? { try optional(column, .bytes, \.asBytes) }

    package func identifier(_ column: Int) throws -> Identifier { try required(column, .identifier, \.asIdentifier) }
    package func optionalIdentifier(_ column: Int) throws -> Identifier? {
        try optional(column, .identifier, \.asIdentifier)
    }

    package func id<ID: EntityID>(_ column: Int, as _: ID.Type = ID.self) throws -> ID {
        ID(try identifier(column))
    }
    package func optionalID<ID: EntityID>(_ column: Int, as _: ID.Type = ID.self) throws -> ID? {
        try optionalIdentifier(column).map { ID($0) }
    }

    package func timestamp(_ column: Int) throws -> Timestamp { try required(column, .timestamp, \.asTimestamp) }
    package func optionalTimestamp(_ column: Int) throws -> Timestamp? {
        try optional(column, .timestamp, \.asTimestamp)
    }

    /// The document's text; PostgreSQL gives it in its own order and spacing.
    package func json(_ column: Int) throws -> String { try required(column, .json, \.asJSON) }
    package func optionalJSON(_ column: Int) throws -> String? { try optional(column, .json, \.asJSON) }

    package func isNull(_ column: Int) throws -> Bool { try value(column, .text).isNull }

    private func value(_ column: Int, _ wanted: SQLType) throws -> SQLValue {
        guard values.indices.contains(column) else {
            throw InternalFailure("column \(column): wanted \(wanted.rawValue), the row has \(values.count) columns")
        }
        return values[column]
    }

    private func required<T>(_ column: Int, _ wanted: SQLType, _ read: (SQLValue) -> T?) throws -> T {
        let value = try value(column, wanted)
        guard let result = read(value) else {
            let found = value.isNull ? "NULL" : value.type.rawValue
            throw InternalFailure("column \(column): wanted \(wanted.rawValue), found \(found)")
        }
        return result
    }

    private func optional<T>(_ column: Int, _ wanted: SQLType, _ read: (SQLValue) -> T?) throws -> T? {
        try value(column, wanted).isNull ? nil : try required(column, wanted, read)
    }
}
