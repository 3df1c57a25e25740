import Shared

/// What a column's value is for a reader that wants a type; nil if it is something else. SQLite has five storage
/// classes only, so a richer type is also taken from the class that stores it.
extension SQLValue {
    var asText: String? {
        if case .text(let text) = self { return text }
        return nil
    }

    var asInteger: Int? {
        if case .integer(let integer) = self { return Int(exactly: integer) }
        return nil
    }

    var asNumber: Double? {
        if case .number(let number) = self { return number }
        return nil
    }

    var asBoolean: Bool? {
        switch self {
        case .boolean(let flag): flag
        case .integer(0): false
        case .integer(1): true
        default: nil
        }
    }

    var asBytes: [UInt8]? {
        if case .bytes(let bytes) = self { return bytes }
        return nil
    }

    var asIdentifier: Identifier? {
        switch self {
        case .identifier(let identifier): identifier
        case .bytes(let bytes): Identifier(bytes: bytes)
        default: nil
        }
    }

    var asTimestamp: Timestamp? {
        switch self {
        case .timestamp(let timestamp): timestamp
        case .integer(let milliseconds): Timestamp(milliseconds: milliseconds)
        default: nil
        }
    }

    var asJSON: String? {
        switch self {
        case .json(let text), .text(let text): text
        default: nil
        }
    }
}
