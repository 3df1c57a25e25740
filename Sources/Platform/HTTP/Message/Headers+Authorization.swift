import Shared

extension Headers {
    /// What `Authorization` carries.
    package enum Authorization: Sendable, Equatable {
        case absent
        /// RFC 6750 § 2.1; the scheme's name is case-insensitive. Never empty.
        case bearer(String)
        /// Another scheme, or what cannot be read. Not `Basic`: that is the password of a proxy in front, or of a service
        /// behind the gate, and browsers send it along by themselves. It counts as absent.
        case other
    }

    package var authorization: Authorization {
        guard let value = bytes(of: "authorization") else { return .absent }
        func isSpace(_ index: Int) -> Bool { value[index] == UInt8(ascii: " ") || value[index] == UInt8(ascii: "\t") }
        var (start, end) = (value.startIndex, value.endIndex)
        while start < end, isSpace(start) { start += 1 }
        while start < end, isSpace(end - 1) { end -= 1 }
        guard end - start > 7, Self.isScheme("bearer".utf8.span, value, at: start),
            value[start + 6] == UInt8(ascii: " ")
        else {
            let isBasic =
                end - start > 6 && Self.isScheme("basic".utf8.span, value, at: start)
                && value[start + 5] == UInt8(ascii: " ")
            return isBasic ? .absent : .other
        }
        start += 7
        while value[start] == UInt8(ascii: " ") { start += 1 }
        return String(utf8: value[start..<end].span).map { .bearer($0) } ?? .other
    }

    private static func isScheme(_ scheme: Span<UInt8>, _ value: ArraySlice<UInt8>, at start: Int) -> Bool {
        for index in scheme.indices where value[start + index] | 0x20 != scheme[index] { return false }
        return true
    }
}
