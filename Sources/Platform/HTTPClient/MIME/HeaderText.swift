import FoundationEssentials

/// Free text in a header: as it is where that is plain, else as encoded words (RFC 2047).
enum HeaderText {
    /// A line with an encoded word has at most so many bytes (RFC 2047 § 2).
    private static let lineMax = 76
    private static let wordStart = "=?UTF-8?B?"
    private static let wordEnd = "?="

    /// A subject or another unstructured header.
    ///
    /// - Parameter used: the bytes before the text in its line: `Subject: `.
    /// - Returns: one or several lines, joined by CR LF and a space, without an end.
    static func unstructured(_ text: String, used: Int) -> String {
        let text = oneLine(text)
        return isPlain(text, used: used) ? text : encodedWords(text, used: used)
    }

    /// A display name before an address (RFC 5322 § 3.2.5).
    static func phrase(_ text: String, used: Int) -> String {
        let text = oneLine(text)
        guard isPlain(text, used: used + 2) else { return encodedWords(text, used: used) }
        if text.utf8.allSatisfy({ isAtomText($0) || $0 == UInt8(ascii: " ") }) { return text }
        let escaped = text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
        return used + escaped.utf8.count + 2 <= lineMax ? "\"\(escaped)\"" : encodedWords(text, used: used)
    }

    /// Control characters and line separators become one space each: what follows them stays text of this header.
    static func oneLine(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: scalars.append(" ")
            default: scalars.append(scalar)
            }
        }
        let trimmed = String(scalars).split(separator: " ", omittingEmptySubsequences: true)
        return trimmed.joined(separator: " ")
    }

    private static func isPlain(_ text: String, used: Int) -> Bool {
        used + text.utf8.count <= lineMax && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
            && !text.contains("=?")
    }

    /// Each word holds whole characters, so that it can be read by itself; longer ones are cut between code points.
    private static func encodedWords(_ text: String, used: Int) -> String {
        var words: [String] = []
        var bytes: [UInt8] = []
        var room = bytesMax(used: used)
        func end() {
            words.append(wordStart + Data(bytes).base64EncodedString() + wordEnd)
            bytes = []
            room = bytesMax(used: 1)
        }
        for character in text {
            if !bytes.isEmpty, bytes.count + character.utf8.count > room { end() }
            for scalar in character.unicodeScalars {
                let encoded = Array(String(scalar).utf8)
                if !bytes.isEmpty, bytes.count + encoded.count > room { end() }
                bytes += encoded
            }
        }
        if !bytes.isEmpty { end() }
        return words.joined(separator: "\r\n ")
    }

    /// How many bytes fit into an encoded word behind `used` others. A word has at most 75 bytes (RFC 2047 § 2).
    private static func bytesMax(used: Int) -> Int {
        (min(75, lineMax - used) - wordStart.utf8.count - wordEnd.utf8.count) / 4 * 3
    }

    private static func isAtomText(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
        }
    }
}
