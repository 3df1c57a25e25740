import JSON
import Shared

/// The JSON Schema of what a type reads, found by letting it read: the schema cannot differ from the code.
///
/// The type is read twice, with all of its optional members and with none. A member is required if it is asked for both
/// times, and never as an optional one. Members are identifiers, moments, texts, numbers, flags, lists, or objects of
/// these.
enum EventSchema {
    /// - Throws: `InternalFailure` for a member of another kind.
    static func object<T: Decodable>(of type: T.Type) throws -> JSONObject {
        let full = SchemaMembers(hasOptionals: true)
        _ = try type.init(from: SchemaDecoder(members: full))
        let least = SchemaMembers(hasOptionals: false)
        do {
            _ = try type.init(from: SchemaDecoder(members: least))
        } catch is DecodingError {
            // It needs one of several: they were asked for all the same.
        }
        let added = least.schemas.filter { member in !full.schemas.contains { $0.name == member.name } }
        let required = full.schemas.map(\.name).filter { name in
            least.schemas.contains { $0.name == name } && !full.optional.contains(name)
        }
        return [
            "type": "object",
            "properties": .object(JSONObject((full.schemas + added).map { ($0.name, .object($0.schema)) })),
            "required": .array(required.map { .string($0) }),
        ]
    }

    /// - Returns: the schema of a member, and something that the reader takes for it.
    fileprivate static func member<T: Decodable>(of type: T.Type, hasOptionals: Bool) throws -> (JSONObject, T) {
        for (sample, schema) in samples {
            if let value = sample as? T { return (schema, value) }
        }
        let (schema, value): (JSONObject, Any) =
            switch type {
            case let type as any EntityID.Type: (identifier, type.init(.example(0)))
            case let type as any SchemaList.Type: try type.list(hasOptionals: hasOptionals)
            default:
                (try object(of: type), try type.init(from: SchemaDecoder(members: SchemaMembers(hasOptionals: true))))
            }
        guard let value = value as? T else { throw InternalFailure("\(type) has no schema") }
        return (schema, value)
    }

    private static let identifier: JSONObject = ["type": "string", "format": "uuid"]

    private static let samples: [(value: any Sendable, schema: JSONObject)] = [
        (Identifier.example(0), identifier),
        (Timestamp(milliseconds: 0), ["type": "string", "format": "date-time"]),
        ("", ["type": "string"]), (false, ["type": "boolean"]), (0, ["type": "integer"]),
        (Int64(0), ["type": "integer"]), (0.0, ["type": "number"]),
    ]
}

/// Lists of what has a schema.
private protocol SchemaList {
    static func list(hasOptionals: Bool) throws -> (JSONObject, Any)
}

extension Array: SchemaList where Element: Decodable {
    fileprivate static func list(hasOptionals: Bool) throws -> (JSONObject, Any) {
        let (schema, element) = try EventSchema.member(of: Element.self, hasOptionals: hasOptionals)
        return (["type": "array", "items": .object(schema)], [element])
    }
}

/// What a type asked for.
private final class SchemaMembers {
    let hasOptionals: Bool
    private(set) var schemas: [(name: String, schema: JSONObject)] = []
    private(set) var optional: Set<String> = []

    init(hasOptionals: Bool) { self.hasOptionals = hasOptionals }

    func isThere(_ key: some CodingKey) -> Bool {
        optional.insert(EventCoding.snakeCase(key.stringValue))
        return hasOptionals
    }

    func value<T: Decodable>(_ type: T.Type, of key: some CodingKey) throws -> T {
        let (schema, value) = try EventSchema.member(of: type, hasOptionals: hasOptionals)
        let name = EventCoding.snakeCase(key.stringValue)
        if !schemas.contains(where: { $0.name == name }) { schemas.append((name, schema)) }
        return value
    }
}

private struct SchemaDecoder: Decoder {
    let members: SchemaMembers

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key>(keyedBy _: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(SchemaContainer(members: members))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw InternalFailure("what reads a list by itself has no schema")
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        throw InternalFailure("what reads a single value by itself has no schema")
    }
}

private struct SchemaContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: SchemaMembers

    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { members.isThere(key) }
    func decodeNil(forKey _: Key) -> Bool { false }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try members.value(type, of: key) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try members.value(type, of: key) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try members.value(type, of: key) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try members.value(type, of: key) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try members.value(type, of: key) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try members.value(type, of: key) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try members.value(type, of: key) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try members.value(type, of: key) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try members.value(type, of: key) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try members.value(type, of: key) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try members.value(type, of: key) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try members.value(type, of: key) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try members.value(type, of: key) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try members.value(type, of: key) }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try members.value(type, of: key) }

    func nestedContainer<Nested>(keyedBy _: Nested.Type, forKey _: Key) throws -> KeyedDecodingContainer<Nested> {
        throw InternalFailure("what reads a nested object by itself has no schema")
    }

    func nestedUnkeyedContainer(forKey _: Key) throws -> any UnkeyedDecodingContainer {
        throw InternalFailure("what reads a nested list by itself has no schema")
    }

    func superDecoder() throws -> any Decoder { throw InternalFailure("what has a parent class has no schema") }
    func superDecoder(forKey _: Key) throws -> any Decoder { try superDecoder() }
}
