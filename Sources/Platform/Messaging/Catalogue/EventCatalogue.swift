import JSON
import Shared

/// Every type of event of the program: what others may rely on.
package struct EventCatalogue: Sendable {
    package struct Entry: Sendable {
        package let type: String
        package let version: Int
        package let source: String
        package let reach: EventReach
        package let summary: String
        /// Of the data, by JSON Schema 2020-12, with an example.
        package let schema: JSONObject
        /// Data.
        package let example: JSONValue

        /// Where the schema of a public type is served.
        package var path: String { EventCatalogue.path(of: type, version: version) }
    }

    /// By type.
    package let entries: [Entry]

    /// - Throws: `InternalFailure` if two events have one type, or one has a shape without a schema.
    package init(_ descriptions: [EventDescription]) throws {
        let entries = try descriptions.map { try Entry($0) }.sorted { $0.type < $1.type }
        if let double = zip(entries, entries.dropFirst()).first(where: { $0.type == $1.type }) {
            throw InternalFailure("two events have the type \(double.0.type)")
        }
        self.entries = entries
    }

    /// The path of `dataschema`.
    static func path(of type: String, version: Int) -> String { "/schemas/events/\(type)/\(version).json" }
}

extension EventCatalogue.Entry {
    fileprivate init(_ description: EventDescription) throws {
        let event = description.type
        type = event.type
        version = event.version
        source = event.source
        reach = event.isPublic ? .public : .internal
        summary = description.summary
        let example = try JSONValue(parsing: Array(EventCoding.encode(description.example).utf8))
        self.example = example
        var schema: JSONObject = [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": .string(type),
            "description": .string(summary),
        ]
        for member in try EventSchema.object(of: event).members { schema[member.key] = member.value }
        schema["examples"] = .array([example])
        self.schema = schema
    }
}
