/// An e-mail address as Gapura takes it: ASCII letters, digits, dots and the other characters of an atom before the `@`,
/// host labels after it (RFC 5321 § 4.1.2 without quoted strings and address literals; an international domain in its
/// `xn--` form). Some large providers have given away addresses with two dots in a row or one before the `@`, which are
/// no dot-atoms; they are taken, and quoted in mails.
package struct EmailAddress: Hashable, Sendable {
    /// As it was typed.
    package let text: String
    /// What makes two addresses the same one: the text in lower case.
    package let key: String

    /// Nil if it is not an address. At most 254 bytes, at most 64 before the `@` (RFC 5321 § 4.5.3.1).
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 254, let at = bytes.firstIndex(of: UInt8(ascii: "@")) else { return nil }
        guard Self.isLocalPart(bytes[..<at]), Self.isHost(bytes[(at + 1)...]) else { return nil }
        self.text = text
        key = text.lowercased()
    }

    /// For logs: the first character and the domain.
    package var masked: String {
        guard let at = text.firstIndex(of: "@") else { return "***" }
        return "\(text.prefix(1))***\(text[at...])"
    }

    /// As mails and their envelopes have it: quoted before the `@` where it is no dot-atom.
    package var mailForm: String {
        guard text.contains("..") || text.contains(".@"), let at = text.firstIndex(of: "@") else { return text }
        return "\"\(text[..<at])\"\(text[at...])"
    }

    package static func == (left: EmailAddress, right: EmailAddress) -> Bool { left.key == right.key }

    package func hash(into hasher: inout Hasher) { hasher.combine(key) }

    private static func isLocalPart(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard (1...64).contains(bytes.count), bytes.first != UInt8(ascii: ".") else { return false }
        return bytes.allSatisfy { isAtomText($0) || $0 == UInt8(ascii: ".") }
    }

    private static func isAtomText(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }

    private static func isHost(_ bytes: ArraySlice<UInt8>) -> Bool {
        let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.count >= 2, let last = labels.last, !last.allSatisfy(isDigit) else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}

extension EmailAddress: CustomStringConvertible {
    package var description: String { masked }
}
