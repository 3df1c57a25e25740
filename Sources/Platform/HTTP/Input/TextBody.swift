import JSON

/// A body that is no object of fields: its route reads it itself.
package struct TextBody: Sendable {
    /// In the OpenAPI document.
    package let name: String
    /// `application/x-ndjson`
    package let mediaType: String
    /// What it has in it and how much of it there may be, for people.
    package let description: String
    package let example: String

    package init(_ name: String, _ mediaType: String, _ description: String, example: String) {
        self.name = name
        self.mediaType = mediaType
        self.description = description
        self.example = example
    }

    var schema: JSONObject {
        [
            "type": "string", "minLength": 1, "description": .string(description),
            "examples": [.string(example)],
        ]
    }
}

extension Request {
    /// The bytes of a body, at least one.
    ///
    /// - Throws: a problem: 415 for another content type, 400 if there is none.
    package func read(_ text: TextBody) throws(Problem) -> [UInt8] {
        guard mediaType == text.mediaType else {
            throw Problem(.unsupportedMediaType, "Send the body as \(text.mediaType)")
        }
        try refuseEncodedBody()
        guard !body.isEmpty else { throw Problem(.badRequest, "The body is empty") }
        return body
    }
}
