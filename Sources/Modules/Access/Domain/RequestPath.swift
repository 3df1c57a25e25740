import Shared

/// The path of a request as the gate decides on it: what a gateway hands over, in the one form that the gate and a
/// service behind it read alike, or refused. Nothing is mended or guessed.
///
/// The query is cut off, percent-escapes are decoded (RFC 3986 § 6.2.2), so that all spellings of one path are one
/// path here, as they are to a service. Whatever some programs read in one way and some in another is refused. Paths
/// are compared byte by byte: case counts, and two Unicode forms of one letter are two.
package struct RequestPath: Sendable, CustomStringConvertible {
    /// Of the path as sent, without the query.
    package static let bytesMax = 4_096

    package enum Refusal: String, Error, Sendable, CaseIterable {
        /// Not the origin-form of RFC 9112 § 3.2.1: no leading `/`.
        case notOriginForm
        case tooLong
        /// `//`
        case emptySegment
        /// A segment `.` or `..`
        case dotSegment
        /// `%2f`, `%5c`, `%2e` or `%3b`, or a `%25` with which the decoded path has an escape again.
        case forbiddenEscape
        /// A `%` without two hexadecimal digits.
        case badEscape
        /// `;`, by which some servers cut off parameters.
        case parameter
        case backslash
        /// U+0000 to U+0020 unescaped, control characters up to U+009F in any form, and `#`.
        case forbiddenCharacter
        case notUTF8
    }

    /// Decoded. It shares the memory of the target if that has no escapes.
    package let text: Substring

    package var description: String { String(text) }

    /// Allocates nothing unless there is an escape.
    ///
    /// - Parameter target: the raw request target, or a path alone.
    /// - Throws: why it is refused.
    package init(target: Substring) throws(Refusal) {
        let scan = try Self.scan(target.utf8.span)
        let raw = target.utf8.prefix(scan.length)
        guard scan.hasEscape else {
            text = Substring(raw)
            return
        }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(scan.length)
        var index = raw.startIndex
        while index < raw.endIndex {
            let byte = raw[index]
            if byte == UInt8(ascii: "%") {
                let high = raw.index(after: index)
                index = raw.index(after: high)
                decoded.append((Hex.value(of: raw[high]) ?? 0) << 4 | (Hex.value(of: raw[index]) ?? 0))
            } else {
                decoded.append(byte)
            }
            index = raw.index(after: index)
        }
        try Self.checkText(decoded.span)
        text = String(decoding: decoded, as: UTF8.self)[...]
    }

    package init(target: String) throws(Refusal) { try self.init(target: target[...]) }

    private struct Scan {
        var length = 0
        var hasEscape = false
    }

    /// Looks at the raw bytes up to the query, in one pass.
    private static func scan(_ target: Span<UInt8>) throws(Refusal) -> Scan {
        guard !target.isEmpty, target[0] == UInt8(ascii: "/") else { throw .notOriginForm }
        var scan = Scan()
        var hasHighBytes = false
        var segmentStart = 1
        var index = 1
        loop: while index < target.count {
            if index >= bytesMax {
                guard target[index] == UInt8(ascii: "?") else { throw .tooLong }
                break
            }
            switch target[index] {
            case UInt8(ascii: "?"): break loop
            case UInt8(ascii: "/"):
                guard index > segmentStart else { throw .emptySegment }
                if isDotSegment(target, segmentStart, index) { throw .dotSegment }
                segmentStart = index + 1
            case UInt8(ascii: "%"):
                guard index + 2 < target.count, let high = Hex.value(of: target[index + 1]),
                    let low = Hex.value(of: target[index + 2])
                else { throw .badEscape }
                try checkEscape(high << 4 | low)
                scan.hasEscape = true
                index += 2
            case UInt8(ascii: ";"): throw .parameter
            case UInt8(ascii: "\\"): throw .backslash
            case 0...0x20, 0x7F, UInt8(ascii: "#"): throw .forbiddenCharacter
            case 0x80...: hasHighBytes = true
            default: break
            }
            index += 1
        }
        if isDotSegment(target, segmentStart, index) { throw .dotSegment }
        scan.length = index
        if hasHighBytes, !scan.hasEscape { try checkText(target.extracting(..<index)) }
        return scan
    }

    private static func isDotSegment(_ target: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        let dot = UInt8(ascii: ".")
        switch end - start {
        case 1: return target[start] == dot
        case 2: return target[start] == dot && target[start + 1] == dot
        default: return false
        }
    }

    private static func checkEscape(_ byte: UInt8) throws(Refusal) {
        switch byte {
        case UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: "."), UInt8(ascii: ";"): throw .forbiddenEscape
        case 0...0x1F, 0x7F: throw .forbiddenCharacter
        default: break
        }
    }

    /// UTF-8 (RFC 3629) without the control characters U+0080 to U+009F, and without an escape: who decoded it once
    /// more would read another path.
    private static func checkText(_ bytes: Span<UInt8>) throws(Refusal) {
        var index = 0
        while index < bytes.count {
            let lead = bytes[index]
            let length: Int
            var second: ClosedRange<UInt8> = 0x80...0xBF
            switch lead {
            case ..<0x80: length = 1
            case 0xC2...0xDF: length = 2
            case 0xE0...0xEF:
                length = 3
                if lead == 0xE0 { second = 0xA0...0xBF } else if lead == 0xED { second = 0x80...0x9F }
            case 0xF0...0xF4:
                length = 4
                if lead == 0xF0 { second = 0x90...0xBF } else if lead == 0xF4 { second = 0x80...0x8F }
            default: throw .notUTF8
            }
            guard index + length <= bytes.count else { throw .notUTF8 }
            if lead == UInt8(ascii: "%"), index + 2 < bytes.count, Hex.value(of: bytes[index + 1]) != nil,
                Hex.value(of: bytes[index + 2]) != nil
            {
                throw .forbiddenEscape
            }
            if length > 1 {
                guard second.contains(bytes[index + 1]) else { throw .notUTF8 }
                if lead == 0xC2, bytes[index + 1] < 0xA0 { throw .forbiddenCharacter }
                for offset in 2..<max(length, 2) where bytes[index + offset] & 0xC0 != 0x80 { throw .notUTF8 }
            }
            index += length
        }
    }
}
