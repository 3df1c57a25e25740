/// Five bits a character.
package enum Base32 {
    private static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    private static let crockford = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// RFC 4648 § 6, without padding: as authenticator apps read secrets.
    package static func encode(_ bytes: [UInt8]) -> String { encode(bytes, standard) }

    /// Crockford's alphabet, without the letters I, L, O and U, which people misread: for what people type.
    package static func encodeCrockford(_ bytes: [UInt8]) -> String { encode(bytes, crockford) }

    private static func encode(_ bytes: [UInt8], _ alphabet: [UInt8]) -> String {
        var text: [UInt8] = []
        var (bits, count): (UInt32, UInt32) = (0, 0)
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                text.append(alphabet[Int(bits >> count & 31)])
            }
        }
        if count > 0 { text.append(alphabet[Int(bits << (5 - count) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
