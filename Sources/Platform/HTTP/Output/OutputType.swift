import JSON
import Shared

/// How one kind of value is written into an answer, and how its JSON Schema describes it.
package struct OutputType<Value>: Sendable {
    package let schema: JSONObject
    /// The named schemas that this one refers to.
    package let components: [String: JSONObject]
    package let write: @Sendable (_ value: Value, _ writer: inout JSONWriter) -> Void

    package init(
        schema: JSONObject, components: [String: JSONObject] = [:],
        write: @escaping @Sendable (_ value: Value, _ writer: inout JSONWriter) -> Void
    ) {
        self.schema = schema
        self.components = components
        self.write = write
    }

    var nullableSchema: JSONObject {
        guard let nullable = schema.orNull else { return ["anyOf": [.object(schema), ["type": "null"]]] }
        return nullable
    }
}

extension JSONObject {
    /// The schema of the same or null; nil for one without a type.
    var orNull: JSONObject? {
        guard let type = self["type"] else { return nil }
        var nullable = self
        nullable["type"] = .array([type, "null"])
        // Of choices null has to be one.
        if let choices = self["enum"]?.elements { nullable["enum"] = .array(choices + [.null]) }
        return nullable
    }
}

extension OutputType where Value == String {
    package static var text: OutputType {
        OutputType(schema: ["type": "string"]) { $1.string($0) }
    }
}

extension OutputType where Value == EmailAddress {
    package static var email: OutputType {
        OutputType(schema: ["type": "string", "format": "email"]) { $1.string($0.text) }
    }
}

extension OutputType where Value == Bool {
    package static var bool: OutputType {
        OutputType(schema: ["type": "boolean"]) { $1.bool($0) }
    }
}

extension OutputType where Value == Int64 {
    package static var integer: OutputType {
        OutputType(schema: ["type": "integer", "format": "int64"]) { $1.integer($0) }
    }
}

extension OutputType where Value == Timestamp {
    package static var timestamp: OutputType {
        OutputType(schema: ["type": "string", "format": "date-time"]) { $1.string($0.description) }
    }
}

extension OutputType where Value: EntityID {
    package static var id: OutputType {
        OutputType(schema: ["type": "string", "format": "uuid"]) { $1.string($0.description) }
    }
}

extension OutputType where Value: Output {
    /// An object, referred to by its name in the OpenAPI document.
    package static var object: OutputType {
        OutputType(schema: Value.shape.reference, components: Value.shape.components) { Value.shape.write($0, &$1) }
    }
}

extension OutputType {
    package static func list<Element>(of element: OutputType<Element>) -> OutputType where Value == [Element] {
        OutputType(
            schema: ["type": "array", "items": .object(element.schema)], components: element.components
        ) { elements, writer in
            writer.array { writer in
                for value in elements { element.write(value, &writer) }
            }
        }
    }
}
