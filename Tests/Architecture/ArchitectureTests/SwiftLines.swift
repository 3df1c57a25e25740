/// A Swift file taken apart: per line, what is code, what stands in string literals and whether there is a comment.
struct SwiftLines {
    struct Line {
        /// Without comments and without the content of strings.
        var code = ""
        /// The content of strings, interpolations included.
        var text = ""
        var hasComment = false
    }

    private enum Mode {
        case code
        /// In a string that ends with this delimiter; `depth` of the parentheses of an interpolation, 0 outside one.
        case string(end: String, depth: Int)
        case blockComment(depth: Int)
    }

    private(set) var lines: [Line] = []

    init(_ source: String) {
        var mode = Mode.code
        for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
            lines.append(Line())
            mode = Self.scan(line[...], mode, into: &lines[lines.count - 1])
            // Only strings of several lines go on.
            if case .string(let end, _) = mode, !end.hasPrefix("\"\"\"") { mode = .code }
        }
    }

    private static func scan(_ source: Substring, _ start: Mode, into line: inout Line) -> Mode {
        var rest = source
        var mode = start
        while let character = rest.first {
            switch mode {
            case .code:
                if rest.hasPrefix("//") {
                    line.hasComment = true
                    return mode
                } else if rest.hasPrefix("/*") {
                    mode = .blockComment(depth: 1)
                    rest = rest.dropFirst(2)
                } else if let quote = openingQuote(rest) {
                    mode = .string(end: quote.end, depth: 0)
                    line.code += "\"\""
                    rest = rest.dropFirst(quote.length)
                } else {
                    line.code.append(character)
                    rest = rest.dropFirst()
                }
            case .blockComment(let depth):
                line.hasComment = true
                if rest.hasPrefix("*/") {
                    mode = depth == 1 ? .code : .blockComment(depth: depth - 1)
                    rest = rest.dropFirst(2)
                } else if rest.hasPrefix("/*") {
                    mode = .blockComment(depth: depth + 1)
                    rest = rest.dropFirst(2)
                } else {
                    rest = rest.dropFirst()
                }
            case .string(let end, let depth):
                let hashes = end.drop { $0 == "\"" }
                let taken: Int
                if depth == 0, rest.hasPrefix(end) {
                    mode = .code
                    taken = end.count
                } else if rest.hasPrefix("\\\(hashes)(") {
                    mode = .string(end: end, depth: depth + 1)
                    taken = hashes.count + 2
                } else if depth == 0, rest.hasPrefix("\\\(hashes)") {
                    taken = hashes.count + 2
                } else {
                    let change = depth == 0 ? 0 : character == "(" ? 1 : character == ")" ? -1 : 0
                    mode = .string(end: end, depth: depth + change)
                    taken = 1
                }
                line.text += rest.prefix(taken)
                rest = rest.dropFirst(taken)
            }
        }
        return mode
    }

    /// The delimiter that ends the string which starts here, and the length of the one that starts it.
    private static func openingQuote(_ rest: Substring) -> (end: String, length: Int)? {
        let hashes = rest.prefix { $0 == "#" }
        let quotes = rest.dropFirst(hashes.count)
        if quotes.hasPrefix("\"\"\"") { return ("\"\"\"\(hashes)", hashes.count + 3) }
        return quotes.hasPrefix("\"") ? ("\"\(hashes)", hashes.count + 1) : nil
    }
}
