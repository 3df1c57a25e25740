/// The base64 of crypt(5): its own alphabet, the low bits first.
enum CryptBase64 {
    private static let alphabet = Array("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    static func value(of character: UInt8) -> Int? { alphabet.firstIndex(of: character) }

    /// A number of up to 30 bits.
    static func integer(_ text: ArraySlice<UInt8>) -> Int? {
        var number = 0
        for character in text.reversed() {
            guard let value = value(of: character) else { return nil }
            number = number << 6 | value
        }
        return number
    }

    /// Refuses bits left over.
    static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = 0
        var bits = 0
        for character in text {
            guard let value = value(of: character) else { return nil }
            buffer |= value << bits
            bits += 6
            if bits >= 8 {
                bytes.append(UInt8(buffer & 0xFF))
                buffer >>= 8
                bits -= 8
            }
        }
        return bits < 6 && buffer == 0 ? bytes : nil
    }
}
