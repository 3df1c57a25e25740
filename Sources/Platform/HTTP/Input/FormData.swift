import JSON
import Shared

/// Names and values of a query or a form (WHATWG URL § 5, application/x-www-form-urlencoded), strictly.
package struct FormData: Sendable {
    /// The first value of each name, as text.
    package let object: JSONObject

    /// Nil for a broken escape, invalid UTF-8, U+0000 or more than 200 pairs.
    package init?(_ text: String) {
        let pairs = text.utf8.split(separator: UInt8(ascii: "&"))
        guard pairs.count <= 200 else { return nil }
        var object = JSONObject()
        for pair in pairs {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentCoding.decode(parts[0], plusIsSpace: true),
                let value = PercentCoding.decode(parts.count == 2 ? parts[1] : "".utf8[...], plusIsSpace: true)
            else { return nil }
            if object[name] == nil { object[name] = .string(value) }
        }
        self.object = object
    }
}

/// Percent-encoding (RFC 3986 § 2.1).
package enum PercentCoding {
    /// Nil for a broken escape, invalid UTF-8 or U+0000.
    package static func decode(_ text: some Collection<UInt8>, plusIsSpace: Bool = false) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var iterator = text.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let first = iterator.next().flatMap(Hex.value), let second = iterator.next().flatMap(Hex.value)
                else { return nil }
                bytes.append(first << 4 | second)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        guard !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
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
