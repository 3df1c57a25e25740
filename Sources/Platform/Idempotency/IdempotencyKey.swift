import HTTP

/// The value of an `Idempotency-Key` header: 1 to 255 visible ASCII characters, chosen by the client.
struct IdempotencyKey: Sendable, Hashable {
    /// Without quotes and escapes.
    let text: String

    /// Reads a field's value: a string of a structured field (RFC 9651 § 3.3.3, without spaces in it), as
    /// draft-ietf-httpapi-idempotency-key-header § 2.1 has it, or the bare characters. Nil if it is neither.
    init?(fieldValue: String) {
        let bytes = Array(fieldValue.utf8)
        let isQuoted = bytes.first == UInt8(ascii: "\"")
        guard let key = isQuoted ? Self.unquoted(bytes) : bytes,
            (1...IdempotencyFields.keyLengthMax).contains(key.count),
            key.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        text = String(decoding: key, as: UTF8.self)
    }

    /// The key of a request; nil without one.
    ///
    /// - Throws: a problem 400 if there are several, or one that is not well-formed.
    init?(of request: Request) throws(Problem) {
        switch request.headers.count(of: IdempotencyFields.key) {
        case 0: return nil
        case 1: break
        default: throw Problem(.idempotencyKeyInvalid, "There are several \(IdempotencyFields.key) headers")
        }
        guard let value = request.headers[IdempotencyFields.key], let key = Self(fieldValue: value) else {
            throw Problem(
                .idempotencyKeyInvalid,
                "\(IdempotencyFields.key) takes 1 to \(IdempotencyFields.keyLengthMax) visible ASCII characters")
        }
        self = key
    }

    /// - Returns: nil unless the second quote is the last byte and only `"` and `\` are escaped.
    private static func unquoted(_ bytes: [UInt8]) -> [UInt8]? {
        var key: [UInt8] = []
        var rest = bytes.dropFirst()
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""):
                return rest.isEmpty ? key : nil
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst(), escaped == UInt8(ascii: "\"") || escaped == byte else {
                    return nil
                }
                key.append(escaped)
            default:
                key.append(byte)
            }
        }
        return nil
    }
}
