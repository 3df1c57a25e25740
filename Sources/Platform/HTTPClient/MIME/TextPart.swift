import FoundationEssentials

/// One part of a mail: UTF-8 text in the transfer encoding that makes it shorter.
struct TextPart {
    /// `text/plain` or `text/html`
    let mediaType: String
    let text: String

    /// Headers, the empty line and the body; every line ends in CR LF and has at most 76 bytes.
    func encoded() -> [UInt8] {
        let lines = Self.lines(text)
        let size = lines.reduce(0) { $0 + $1.count }
        let foreign = lines.reduce(0) { $0 + $1.count { $0 > 0x7E } }
        // Quoted-printable makes three bytes of a foreign one, base64 four of any three.
        let isBase64 = foreign * 6 > size
        let head = """
            Content-Type: \(mediaType); charset=utf-8\r
            Content-Transfer-Encoding: \(isBase64 ? "base64" : "quoted-printable")\r
            \r

            """
        return Array(head.utf8) + (isBase64 ? Self.base64(lines) : QuotedPrintable.encode(lines: lines))
    }

    private static func base64(_ lines: [[UInt8]]) -> [UInt8] {
        let bytes = lines.reduce(into: [UInt8]()) { $0 += $1 + [0x0D, 0x0A] }
        let text = Data(bytes).base64EncodedString(
            options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed])
        return Array(text.utf8) + [0x0D, 0x0A]
    }

    /// Lines may end in CR LF, LF or CR; an end behind the last one makes no line more.
    private static func lines(_ text: String) -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        var previous: UInt8 = 0
        for byte in text.utf8 {
            switch byte {
            case 0x0A where previous == 0x0D: break
            case 0x0A, 0x0D: lines.append([])
            default: lines[lines.count - 1].append(byte)
            }
            previous = byte
        }
        if lines.last == [] { lines.removeLast() }
        return lines
    }
}
