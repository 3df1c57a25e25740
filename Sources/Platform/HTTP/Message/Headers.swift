import Shared

/// The header fields of a request as they came: one block of bytes, made into text only when looked up.
package struct Headers: Sendable {
    /// Where in the block a field is.
    package struct Field: Sendable {
        private let nameStart, nameEnd, valueStart, valueEnd: UInt32

        /// - Parameters: ranges below 4 GiB.
        package init(name: Range<Int>, value: Range<Int>) {
            nameStart = UInt32(name.lowerBound)
            nameEnd = UInt32(name.upperBound)
            valueStart = UInt32(value.lowerBound)
            valueEnd = UInt32(value.upperBound)
        }

        var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
        /// In bytes.
        var nameLength: UInt32 { nameEnd &- nameStart }
        var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    }

    private var bytes: [UInt8] = []
    private var fields: [Field] = []

    package init() {}

    /// Takes a whole head in one copy.
    ///
    /// - Parameters:
    ///   - block: bytes with every name and value in them.
    ///   - fields: where they are, in order; the ranges lie within the block.
    package init(block: [UInt8], fields: [Field]) {
        bytes = block
        self.fields = fields
    }

    package init(_ fields: [(String, String)]) {
        for (name, value) in fields { append(name: Array(name.utf8), value: Array(value.utf8)) }
    }

    package mutating func reserve(fields fieldCount: Int, bytes byteCount: Int) {
        fields.reserveCapacity(fieldCount)
        bytes.reserveCapacity(byteCount)
    }

    package mutating func append(name: some Collection<UInt8>, value: some Collection<UInt8>) {
        let nameStart = bytes.count
        bytes.append(contentsOf: name)
        let valueStart = bytes.count
        bytes.append(contentsOf: value)
        fields.append(Field(name: nameStart..<valueStart, value: valueStart..<bytes.count))
    }

    /// The first field of this name, trimmed; nil if absent or not UTF-8. Names compare without regard to case.
    package subscript(_ name: String) -> String? {
        guard let index = firstIndex(of: name) else { return nil }
        return text(fields[index].value)
    }

    /// Every field of this name, in order.
    package func all(_ name: String) -> [String] {
        var texts: [String] = []
        var next = firstIndex(of: name)
        while let index = next {
            if let text = text(fields[index].value) { texts.append(text) }
            next = firstIndex(of: name, from: index + 1)
        }
        return texts
    }

    package func contains(_ name: String) -> Bool { firstIndex(of: name) != nil }

    /// How many fields have this name, also such as are not UTF-8.
    package func count(of name: String) -> Int {
        var count = 0
        var next = firstIndex(of: name)
        while let index = next {
            count += 1
            next = firstIndex(of: name, from: index + 1)
        }
        return count
    }

    /// The raw value of the first field of this name.
    package func bytes(of name: String) -> ArraySlice<UInt8>? {
        firstIndex(of: name).map { bytes[fields[$0].value] }
    }

    package var count: Int { fields.count }

    /// Asked a dozen times for a decision, over all fields, most of which differ in their length already.
    private func firstIndex(of name: String, from start: Int = 0) -> Int? {
        let name = name.utf8.span
        let length = UInt32(truncatingIfNeeded: name.count)
        let (fields, bytes) = (fields.span, bytes.span)
        var index = start
        while index < fields.count {
            if fields[index].nameLength == length, Self.matches(bytes.extracting(fields[index].name), name) {
                return index
            }
            index += 1
        }
        return nil
    }

    /// - Parameter bytes: as many as the name has.
    private static func matches(_ bytes: Span<UInt8>, _ name: Span<UInt8>) -> Bool {
        for index in name.indices where lowercased(bytes[index]) != lowercased(name[index]) { return false }
        return true
    }

    private func text(_ range: Range<Int>) -> String? {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, Self.isSpace(bytes[start]) { start += 1 }
        while start < end, Self.isSpace(bytes[end - 1]) { end -= 1 }
        return String(utf8: bytes.span.extracting(start..<end))
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
