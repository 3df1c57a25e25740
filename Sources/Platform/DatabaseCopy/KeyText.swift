import JSON
import SQL
import Shared

/// A key as text: `["text:ana","integer:7","identifier:0199..."]`.
enum KeyText {
    static func encode(_ key: [SQLValue]) throws -> String {
        let parts = try key.map { value -> JSONValue in
            switch value {
            case .text(let text): .string("text:\(text)")
            case .integer(let integer): .string("integer:\(integer)")
            case .timestamp(let time): .string("timestamp:\(time.milliseconds)")
            case .identifier(let identifier): .string("identifier:\(identifier)")
            case .bytes(let bytes): .string("bytes:\(Base64URL.encode(bytes))")
            default: throw InternalFailure("a key of the type \(value.type.rawValue) cannot be noted")
            }
        }
        return String(decoding: JSONValue.array(parts).serialized, as: UTF8.self)
    }

    static func decode(_ text: String) throws -> [SQLValue] {
        let parts = (try JSONValue(parsing: Array(text.utf8))).elements ?? []
        return try parts.map { part in
            guard let text = part.text, let colon = text.firstIndex(of: ":"),
                let value = value(String(text[..<colon]), String(text[text.index(after: colon)...]))
            else { throw InternalFailure("the progress of a copy cannot be read") }
            return value
        }
    }

    private static func value(_ type: String, _ text: String) -> SQLValue? {
        switch type {
        case "text": .text(text)
        case "integer": Int64(text).map { .integer($0) }
        case "timestamp": Int64(text).map { .timestamp(Timestamp(milliseconds: $0)) }
        case "identifier": Identifier(text).map { .identifier($0) }
        case "bytes": Base64URL.decode(text).map { .bytes($0) }
        default: nil
        }
    }
}
