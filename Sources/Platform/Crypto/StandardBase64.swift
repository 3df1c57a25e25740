import Shared

/// Base64 with the standard alphabet (RFC 4648 § 4), read as strictly as `Base64URL`: one value has one text.
package enum StandardBase64 {
    /// Padded text, as settings have it.
    static func decodePadded(_ text: some Collection<UInt8>) -> [UInt8]? {
        let text = Array(text)
        let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard text.count % 4 == 0, padding <= 2 else { return nil }
        return decode(text.dropLast(padding))
    }

    /// Padded text, as HTTP has it.
    package static func encodePadded(_ bytes: [UInt8]) -> String {
        let text = encode(bytes)
        return text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    }

    /// Text without padding, as PHC strings have it.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        var urlSafe: [UInt8] = []
        for byte in text {
            switch byte {
            case UInt8(ascii: "+"): urlSafe.append(UInt8(ascii: "-"))
            case UInt8(ascii: "/"): urlSafe.append(UInt8(ascii: "_"))
            case UInt8(ascii: "-"), UInt8(ascii: "_"): return nil
            default: urlSafe.append(byte)
            }
        }
        return Base64URL.decode(urlSafe)
    }

    /// Text without padding.
    static func encode(_ bytes: [UInt8]) -> String {
        let text = Base64URL.encodeBytes(bytes).map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
