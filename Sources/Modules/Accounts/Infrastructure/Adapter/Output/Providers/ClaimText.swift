import Shared

/// Texts of a provider as they may be kept: of a bounded length and in one line. What is not so is left out.
enum ClaimText {
    static func line(_ text: String?, max: Int = 255) -> String? {
        guard let text, !text.isEmpty, text.unicodeScalars.count <= max,
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
        else { return nil }
        return text
    }

    /// The address of a picture that a page may show.
    static func picture(_ text: String?) -> String? {
        guard let text = line(text, max: 500), text.hasPrefix("https://"),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\"<>\\^`{|}".utf8.contains($0) })
        else { return nil }
        return text
    }

    /// A code such as `invalid_grant`; anything else is nothing for a log.
    static func word(_ text: String) -> String? {
        guard (1...64).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == 0x5F })
        else { return nil }
        return text
    }

    /// A subject: 1 to 255 bytes.
    static func subject(_ text: String?) -> String? {
        guard let text, (1...255).contains(text.utf8.count), !text.utf8.contains(0) else { return nil }
        return text
    }

    /// Byte for byte: `==` of strings takes canonically equivalent ones for equal.
    static func isSame(_ left: String?, _ right: String) -> Bool {
        left.map { $0.utf8.elementsEqual(right.utf8) } ?? false
    }
}
