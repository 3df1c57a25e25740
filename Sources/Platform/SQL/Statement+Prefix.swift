import Shared

/// Compares bytes, as SQLite does anyway: only so is what begins alike one range of an index. On PostgreSQL the index
/// has to be made with this collation too.
private let bytewise = DialectText(sqlite: "", postgres: " COLLATE \"C\"")

extension Statement {
    /// The condition that a text column begins so: a range of its index, where `substr(...) = prefix` reads every row
    /// and LIKE has wildcards.
    ///
    /// - Parameter prefix: not empty.
    package static func begins(_ column: Statement, with prefix: String) -> Statement {
        let low: Statement = "\(column)\(bytewise) >= \(prefix)"
        guard let end = prefix.endOfRange else { return low }
        return "(\(low) AND \(column)\(bytewise) < \(end))"
    }
}

extension String {
    /// The first text, by the order of bytes, behind all that begin with this one; nil if there is none.
    fileprivate var endOfRange: String? {
        var scalars = Array(unicodeScalars)
        while let last = scalars.popLast() {
            // Between U+D7FF and U+E000 there are surrogates, which are no text.
            guard let next = Unicode.Scalar(last.value == 0xD7FF ? 0xE000 : last.value + 1) else { continue }
            return String(String.UnicodeScalarView(scalars + [next]))
        }
        return nil
    }
}
