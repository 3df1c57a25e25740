/// The `NAME=value` lines of an `env/.env.<APP_ENV>` file.
package enum EnvironmentFile {
    package struct Malformed: Error, Sendable, Equatable {
        /// From 1.
        package let line: Int
    }

    /// Empty lines and lines that start with `#` are passed over; a value may stand in single or double quotes,
    /// which are removed; nothing is expanded.
    package static func parse(_ text: String) throws(Malformed) -> [String: String] {
        var values: [String: String] = [:]
        // CR LF is one character, which is neither of the two.
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (index, line) in lines.enumerated() {
            let line = line.drop { $0 == " " || $0 == "\t" }
            if line.isEmpty || line.first == "#" { continue }
            guard let equals = line.firstIndex(of: "="), isName(line[..<equals]) else {
                throw Malformed(line: index + 1)
            }
            values[String(line[..<equals])] = value(line[line.index(after: equals)...])
        }
        return values
    }

    private static func isName(_ name: Substring) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || (48...57).contains(byte) || (65...90).contains(byte & ~0x20)
        }
    }

    private static func value(_ text: Substring) -> String {
        var text = text
        while text.last?.isWhitespace == true { text.removeLast() }
        for quote in ["\"", "'"] where text.count >= 2 && text.hasPrefix(quote) && text.hasSuffix(quote) {
            return String(text.dropFirst().dropLast())
        }
        return String(text)
    }
}
