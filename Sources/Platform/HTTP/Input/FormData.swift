import JSON
import Shared

/// Names and values of a query or a form (WHATWG URL § 5, application/x-www-form-urlencoded), strictly.
package struct FormData: Sendable {
    /// The first value of each name, as text.
    package let object: JSONObject
    /// The names that stand more than once.
    package let repeated: Set<String>

    /// Nil for a broken escape, invalid UTF-8, U+0000 or more than 200 pairs.
    package init?(_ text: String) {
        let pairs = text.utf8.split(separator: UInt8(ascii: "&"))
        guard pairs.count <= 200 else { return nil }
        var object = JSONObject()
        var repeated: Set<String> = []
        for pair in pairs {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentCoding.decode(parts[0].span, plusIsSpace: true),
                let value = parts.count == 2 ? PercentCoding.decode(parts[1].span, plusIsSpace: true) : ""
            else { return nil }
            if object[name] == nil { object[name] = .string(value) } else { repeated.insert(name) }
        }
        self.object = object
        self.repeated = repeated
    }
}

/// Percent-encoding (RFC 3986 § 2.1).
package enum PercentCoding {
    /// Nil for a broken escape, invalid UTF-8 or U+0000.
    package static func decode(_ text: Span<UInt8>, plusIsSpace: Bool = false) -> String? {
        var others: UInt8 = 0
        for index in text.indices {
            let byte = text[index]
            let isEscape = byte == UInt8(ascii: "%") || byte == 0 || (plusIsSpace && byte == UInt8(ascii: "+"))
            others |= isEscape ? 1 : 0
        }
        // Most text has nothing to decode.
        if others == 0 { return String(utf8: text) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "%"):
                guard index + 2 < text.count, let first = Hex.value(of: text[index + 1]),
                    let second = Hex.value(of: text[index + 2])
                else { return nil }
                bytes.append(first << 4 | second)
                index += 2
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(0x20)
            case let byte: bytes.append(byte)
            }
            index += 1
        }
        guard !bytes.contains(0) else { return nil }
        return String(utf8: bytes.span)
    }

    /// Escapes everything but the unreserved characters.
    package static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes.append(contentsOf: "%\(Hex.encode([byte]).uppercased())".utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
