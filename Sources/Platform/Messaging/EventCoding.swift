import FoundationEssentials
import Shared

/// Events to JSON and back.
enum EventCoding {
    /// With sorted keys, so that equal events have equal bytes.
    static func encode(_ event: some DomainEvent) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(event), as: UTF8.self)
    }

    static func decode<Payload: Decodable>(_ type: Payload.Type, from data: String) throws -> Payload {
        try JSONDecoder().decode(type, from: Data(data.utf8))
    }
}
