/// The quoted-printable transfer encoding (RFC 2045 § 6.7): text that is mostly ASCII stays readable.
enum QuotedPrintable {
    /// Without the `=` that ends a line which goes on.
    private static let lineMax = 75
    private static let lineEnd: [UInt8] = [0x0D, 0x0A]

    /// - Parameter lines: UTF-8 without line ends.
    /// - Returns: lines of at most 76 bytes, each with CR LF.
    static func encode(lines: [[UInt8]]) -> [UInt8] {
        lines.reduce(into: []) { encode($1, into: &$0) }
    }

    private static func encode(_ line: [UInt8], into result: inout [UInt8]) {
        var length = 0
        for (index, byte) in line.enumerated() {
            let token = token(byte, isLast: index == line.count - 1)
            if length + token.count > lineMax {
                result.append(UInt8(ascii: "="))
                result += lineEnd
                length = 0
            }
            result += token
            length += token.count
        }
        result += lineEnd
    }

    private static func token(_ byte: UInt8, isLast: Bool) -> [UInt8] {
        switch byte {
        // Servers cut spaces at the end of a line.
        case UInt8(ascii: " "), UInt8(ascii: "\t"): isLast ? escaped(byte) : [byte]
        case UInt8(ascii: "="): escaped(byte)
        case 0x21...0x7E: [byte]
        default: escaped(byte)
        }
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
    }
}
