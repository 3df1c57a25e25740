/// A data item of CBOR (RFC 8949), of the kinds that authenticators write (CTAP 2.2 § 8).
package enum CBORValue: Sendable, Equatable {
    case unsigned(UInt64)
    /// Stands for -1 - n.
    case negative(UInt64)
    case bytes([UInt8])
    case text(String)
    case array([CBORValue])
    case map(CBORMap)
    case bool(Bool)
    case null
    /// Its bits, of whatever width it had.
    case float(UInt64)

    /// - Parameter number: as COSE names keys and algorithms.
    package static func number(_ number: Int64) -> CBORValue {
        number < 0 ? .negative(UInt64(-1 - number)) : .unsigned(UInt64(number))
    }

    package var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
    package var text: String? { if case .text(let text) = self { text } else { nil } }
    package var map: CBORMap? { if case .map(let map) = self { map } else { nil } }

    /// The number, if it is a whole one of 64 bits.
    package var integer: Int64? {
        switch self {
        case .unsigned(let value): Int64(exactly: value)
        case .negative(let value): Int64(exactly: value).map { -1 - $0 }
        default: nil
        }
    }
}

/// The entries of a map, in the order in which they stood; no key is there twice.
package struct CBORMap: Sendable, Equatable {
    package struct Entry: Sendable, Equatable {
        package let key: CBORValue
        package let value: CBORValue
    }

    package let entries: [Entry]

    package subscript(key: CBORValue) -> CBORValue? { entries.first { $0.key == key }?.value }
    package subscript(text: String) -> CBORValue? { self[.text(text)] }
    package subscript(number: Int64) -> CBORValue? { self[.number(number)] }
}
