/// Base64 with the URL-safe alphabet and no padding (RFC 4648 § 5), as JOSE uses it.
package enum Base64URL {
    private static let alphabet: [UInt8] = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in alphabet.enumerated() { table[Int(character)] = UInt8(value) }
        return table
    }()

    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: encodeBytes(bytes), as: UTF8.self)
    }

    /// The same as ASCII bytes, for callers that go on with bytes.
    package static func encodeBytes(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        withBuffer(of: bytes, encodeBuffer)
    }

    /// Refuses padding, foreign characters and bits left over, so that one value has exactly one text.
    package static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        withBuffer(of: text, decodeBuffer)
    }

    package static func decode(_ text: String) -> [UInt8]? { decode(text.utf8) }

    /// The loops work on memory: over any sequence each byte would be a few calls, because other modules get no
    /// specialised copy of a generic function.
    private static func withBuffer<Result>(
        of bytes: some Sequence<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        bytes.withContiguousStorageIfAvailable(body) ?? Array(bytes).withUnsafeBufferPointer(body)
    }

    private static func encodeBuffer(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        var buffer: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet[Int(buffer >> bits & 0x3F)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(buffer << (6 - bits) & 0x3F)]) }
        return text
    }

    private static func decodeBuffer(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        let values = values
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var buffer: UInt32 = 0
        var bits: UInt32 = 0
        for character in text {
            let value = values[Int(character)]
            guard value != 0xFF else { return nil }
            buffer = buffer << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> bits))
            }
        }
        let rest = buffer & (1 << bits - 1)
        return bits < 6 && rest == 0 ? bytes : nil
    }
}
