import FoundationEssentials
import Shared
import Synchronization

/// Events to JSON and back. Their properties have Swift's names, their JSON snake_case: `userID` is `user_id`.
package enum EventCoding {
    /// With sorted keys, so that equal events have equal bytes.
    package static func encode(_ event: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .custom { snakeCases.name(Self.last($0)) }
        return String(decoding: try encoder.encode(event), as: UTF8.self)
    }

    package static func decode<Payload: Decodable>(_ type: Payload.Type, from data: String) throws -> Payload {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .custom { camelCases.name(Self.last($0)) }
        return try decoder.decode(type, from: Data(data.utf8))
    }

    /// `apiKeyID` is `api_key_id`: a word begins at a capital after a small letter or digit, or before a small letter.
    @Sendable static func snakeCase(_ name: String) -> String {
        let letters = Array(name)
        var text = ""
        for (index, letter) in letters.enumerated() {
            let isAfterSmall = index > 0 && !letters[index - 1].isUppercase
            let isBeforeSmall = index > 0 && index + 1 < letters.count && letters[index + 1].isLowercase
            if letter.isUppercase, isAfterSmall || isBeforeSmall { text += "_" }
            text += letter.lowercased()
        }
        return text
    }

    /// `api_key_id` is `apiKeyID`.
    @Sendable static func camelCase(_ name: String) -> String {
        let words = name.split(separator: "_")
        guard let first = words.first else { return name }
        return words.dropFirst().reduce(String(first)) { text, word in
            text + (word == "id" ? "ID" : word.prefix(1).uppercased() + word.dropFirst())
        }
    }

    private static func last(_ path: [any CodingKey]) -> String { path.last?.stringValue ?? "" }

    private static let snakeCases = Names(snakeCase)
    private static let camelCases = Names(camelCase)

    /// Names in their other spelling, each worked out once: an event has few, and is coded several times.
    private final class Names: Sendable {
        private let spelling: @Sendable (String) -> String
        private let known = Mutex<[String: Name]>([:])

        /// Those of our own events are far fewer; others may be read from a database.
        private static let countMax = 1_000

        init(_ spelling: @escaping @Sendable (String) -> String) {
            self.spelling = spelling
        }

        func name(_ text: String) -> Name {
            if let name = known.withLock({ $0[text] }) { return name }
            let name = Name(spelling(text))
            known.withLock { if $0.count < Self.countMax { $0[text] = name } }
            return name
        }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }
}
