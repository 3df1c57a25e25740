/// Reads CBOR (RFC 8949) strictly: definite lengths, each number in its shortest form, text that is UTF-8, no key twice
/// and no tags, as CTAP 2.2 § 8 has it. The order of keys does not matter.
package struct CBORReader {
    /// How deep items may be within each other.
    package static let depthMax = 8
    /// How many items a document may have.
    package static let countMax = 1_000

    /// Why bytes are not such a document.
    package enum Fault: String, Error, Sendable {
        case truncated
        /// An indefinite length, a tag, a simple value that means nothing, or a number that could be shorter.
        case form
        case text
        case duplicateKey
        case tooDeep
        case tooMany
        /// Something stands behind the item.
        case trailing
    }

    private let bytes: ArraySlice<UInt8>
    private var count = 0
    /// Where the next item begins.
    package private(set) var position: Int

    package init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    package var isAtEnd: Bool { position == bytes.endIndex }

    /// The one item that the bytes are, and nothing behind it.
    package static func read(_ bytes: [UInt8]) throws(Fault) -> CBORValue {
        var reader = CBORReader(bytes[...])
        let value = try reader.next()
        guard reader.isAtEnd else { throw .trailing }
        return value
    }

    package mutating func next() throws(Fault) -> CBORValue { try item(depth: 0) }

    private mutating func item(depth: Int) throws(Fault) -> CBORValue {
        guard depth < Self.depthMax else { throw .tooDeep }
        count += 1
        guard count <= Self.countMax else { throw .tooMany }
        let head = try take(1)[0]
        let (major, low) = (head >> 5, head & 0x1F)
        if major == 7 { return try simple(low) }
        let argument = try argument(low)
        switch major {
        case 0: return .unsigned(argument)
        case 1: return .negative(argument)
        case 2: return .bytes(try take(argument))
        case 3:
            guard let text = String(validating: try take(argument), as: UTF8.self) else { throw .text }
            return .text(text)
        case 4: return .array(try array(argument, depth: depth))
        case 5: return .map(try map(argument, depth: depth))
        default: throw .form
        }
    }

    private mutating func array(_ length: UInt64, depth: Int) throws(Fault) -> [CBORValue] {
        guard length <= Self.countMax else { throw .tooMany }
        var values: [CBORValue] = []
        for _ in 0..<length { values.append(try item(depth: depth + 1)) }
        return values
    }

    private mutating func map(_ length: UInt64, depth: Int) throws(Fault) -> CBORMap {
        guard length <= Self.countMax / 2 else { throw .tooMany }
        var entries: [CBORMap.Entry] = []
        for _ in 0..<length {
            let key = try item(depth: depth + 1)
            guard !entries.contains(where: { $0.key == key }) else { throw .duplicateKey }
            entries.append(CBORMap.Entry(key: key, value: try item(depth: depth + 1)))
        }
        return CBORMap(entries: entries)
    }

    private mutating func simple(_ low: UInt8) throws(Fault) -> CBORValue {
        switch low {
        case 20: return .bool(false)
        case 21: return .bool(true)
        case 22: return .null
        case 25...27: return .float(Self.number(try take(1 << (low - 24))))
        default: throw .form
        }
    }

    private mutating func argument(_ low: UInt8) throws(Fault) -> UInt64 {
        guard low >= 24 else { return UInt64(low) }
        guard low <= 27 else { throw .form }
        let value = Self.number(try take(1 << (low - 24)))
        let shorter: UInt64 = low == 24 ? 23 : low == 25 ? 0xFF : low == 26 ? 0xFFFF : 0xFFFF_FFFF
        guard value > shorter else { throw .form }
        return value
    }

    private mutating func take(_ length: UInt64) throws(Fault) -> [UInt8] {
        guard length <= UInt64(bytes.endIndex - position) else { throw .truncated }
        let end = position + Int(length)
        defer { position = end }
        return Array(bytes[position..<end])
    }

    private static func number(_ bytes: [UInt8]) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
