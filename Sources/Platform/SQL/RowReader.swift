import Shared

/// Reads a row's columns one after the other, for rows with many of them:
///
///     var next = row.reader
///     return User(id: try next.id(), email: try next.text(), blockedUntil: try next.optionalTimestamp())
///
/// Fails as `Row` does.
package struct RowReader {
    private let row: Row
    /// The column that is read next.
    package private(set) var column = 0

    fileprivate init(_ row: Row) {
        self.row = row
    }

    package mutating func text() throws -> String { try row.text(advance()) }
    package mutating func optionalText() throws -> String? { try row.optionalText(advance()) }
    package mutating func integer() throws -> Int { try row.integer(advance()) }
    package mutating func optionalInteger() throws -> Int? { try row.optionalInteger(advance()) }
    package mutating func number() throws -> Double { try row.number(advance()) }
    package mutating func optionalNumber() throws -> Double? { try row.optionalNumber(advance()) }
    package mutating func bool() throws -> Bool { try row.bool(advance()) }
    package mutating func optionalBool() throws -> Bool? { try row.optionalBool(advance()) }
    package mutating func bytes() throws -> [UInt8] { try row.bytes(advance()) }
    package mutating func optionalBytes() throws -> [UInt8]? { try row.optionalBytes(advance()) }
    package mutating func identifier() throws -> Identifier { try row.identifier(advance()) }
    package mutating func optionalIdentifier() throws -> Identifier? { try row.optionalIdentifier(advance()) }
    package mutating func timestamp() throws -> Timestamp { try row.timestamp(advance()) }
    package mutating func optionalTimestamp() throws -> Timestamp? { try row.optionalTimestamp(advance()) }
    package mutating func json() throws -> String { try row.json(advance()) }
    package mutating func optionalJSON() throws -> String? { try row.optionalJSON(advance()) }

    package mutating func id<ID: EntityID>(as _: ID.Type = ID.self) throws -> ID { try row.id(advance()) }
    package mutating func optionalID<ID: EntityID>(as _: ID.Type = ID.self) throws -> ID? {
        try row.optionalID(advance())
    }

    private mutating func advance() -> Int {
        defer { column += 1 }
        return column
    }
}

extension Row {
    /// Starts at column 0.
    package var reader: RowReader { RowReader(self) }
}
