/// The escapes of the text format.
enum LogText {
    /// The text as it is if it reads as one word, else in quotes.
    static func token(_ text: String) -> String {
        let isWord = text.unicodeScalars.allSatisfy { isPrinted($0) && $0 != " " && $0 != "\"" && $0 != "=" }
        guard text.isEmpty || !isWord else { return text }
        return "\"\(escaped(text, quotes: true))\""
    }

    /// The text without anything that a terminal or a reader of lines obeys.
    static func escaped(_ text: String, quotes: Bool = false) -> String {
        guard !text.unicodeScalars.allSatisfy({ isPrinted($0) && $0 != "\"" }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"" where quotes: result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isPrinted(scalar): result.unicodeScalars.append(scalar)
            default: result += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return result
    }

    /// False for controls (C0 and C1), line and paragraph separators, invisible format characters (they can turn
    /// the direction of what follows) and the backslash, which starts an escape.
    private static func isPrinted(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7F { return scalar.value >= 0x20 && scalar != "\\" }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: return false
        default: return true
        }
    }
}
