/// A 128-bit identifier, written as UUID text. Gapura's own are UUIDv7 (RFC 9562), so that they sort by time.
package struct Identifier: Hashable, Sendable, Comparable {
    /// The 16 bytes, most significant first.
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Parameter bytes: exactly 16 bytes, else the result is nil.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        // An array first: another module's collection would be read byte by byte by witnesses.
        self = Array(bytes).withUnsafeBytes {
            Identifier(
                high: UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }

    /// Reads the 36-character form, in either case; anything else is nil.
    package init?(_ text: some StringProtocol) {
        var text = String(text)
        guard let identifier = text.withUTF8(Self.init(ascii:)) else { return nil }
        self = identifier
    }

    private init?(ascii text: UnsafeBufferPointer<UInt8>) {
        guard text.count == 36 else { return nil }
        var words: (high: UInt64, low: UInt64) = (0, 0)
        var digits = 0
        for (index, byte) in text.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Hex.value(of: byte) else { return nil }
            if digits < 16 {
                words.high = words.high << 4 | UInt64(digit)
            } else {
                words.low = words.low << 4 | UInt64(digit)
            }
            digits += 1
        }
        self.init(high: words.high, low: words.low)
    }

    package var bytes: [UInt8] {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { [UInt8]($0) }
    }

    package static func < (left: Identifier, right: Identifier) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension Identifier {
    /// The least of all that are made at a moment or later: a bound in the order of time, never a row's own.
    package static func lowerBound(at moment: Timestamp) -> Identifier {
        // 48 bits are there (RFC 9562 § 5.7).
        let milliseconds = min(max(moment.milliseconds, 0), 0xFFFF_FFFF_FFFF)
        return Identifier(high: UInt64(milliseconds) << 16, low: 0)
    }

    /// When it was made; nil if it is no UUIDv7, and so does not tell.
    package var madeAt: Timestamp? {
        guard high >> 12 & 0xF == 7, low >> 62 == 2 else { return nil }
        return Timestamp(milliseconds: Int64(high >> 16))
    }
}

extension Identifier: CustomStringConvertible {
    /// The lower-case 36-character form.
    package var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            write(to: buffer)
            return 36
        }
    }

    /// Appends the same without a string.
    package func appendText(to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 36) { buffer in
            write(to: buffer)
            bytes.append(contentsOf: buffer)
        }
    }

    private func write(to buffer: UnsafeMutableBufferPointer<UInt8>) {
        // 8, 4, 4, 4 and 12 digits.
        Self.write(high >> 32, digits: 8, to: buffer, at: 0)
        Self.write(high >> 16, digits: 4, to: buffer, at: 9)
        Self.write(high, digits: 4, to: buffer, at: 14)
        Self.write(low >> 48, digits: 4, to: buffer, at: 19)
        Self.write(low, digits: 12, to: buffer, at: 24)
        for dash in [8, 13, 18, 23] { buffer[dash] = UInt8(ascii: "-") }
    }

    /// The last hexadecimal digits of a word.
    private static func write(
        _ word: UInt64, digits: Int, to buffer: UnsafeMutableBufferPointer<UInt8>, at start: Int
    ) {
        var rest = word
        for index in (start..<start + digits).reversed() {
            buffer[index] = Hex.digit(UInt8(truncatingIfNeeded: rest & 0xF))
            rest >>= 4
        }
    }
}

extension Identifier: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let identifier = Identifier(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a UUID")
        }
        self = identifier
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// The identifier of one kind of thing, so that a session's cannot be given where a user's is meant.
package protocol EntityID: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    var value: Identifier { get }
    init(_ value: Identifier)
}

extension EntityID {
    /// Reads UUID text; nil if it is not one.
    package init?(text: some StringProtocol) {
        guard let value = Identifier(text) else { return nil }
        self.init(value)
    }

    package init(from decoder: any Decoder) throws {
        self.init(try Identifier(from: decoder))
    }

    package func encode(to encoder: any Encoder) throws {
        try value.encode(to: encoder)
    }

    package static func < (left: Self, right: Self) -> Bool { left.value < right.value }

    package var description: String { value.description }
}
