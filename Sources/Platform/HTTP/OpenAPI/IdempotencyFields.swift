import JSON

/// The header fields by which a request is made once.
package enum IdempotencyFields {
    /// draft-ietf-httpapi-idempotency-key-header § 2.1; a value without quotes is taken too, as most clients send it.
    package static let key = "Idempotency-Key"
    /// `true` on an answer that is given again. The draft has no field for this; the name is Stripe's.
    package static let replayed = "Idempotent-Replayed"
    /// In characters, without quotes and escapes.
    package static let keyLengthMax = 255

    /// Bare, or a string of a structured field (RFC 9651 § 3.3.3) without spaces.
    static let keySchema: JSONObject = [
        "type": "string",
        "pattern": #"^([!#-~][!-~]{0,254}|"([!#-\[\]-~]|\\["\\]){1,255}")$"#,
    ]

    static let explanation = "The request has its effect once: its answer is given again for 72 hours."

    static let parameter: JSONValue = [
        "name": .string(key), "in": "header", "required": false,
        "description": .string(explanation),
        "schema": .object(keySchema),
    ]

    static let responseHeaders: JSONValue = [
        replayed: [
            "description": "The answer of an earlier request with the same key.",
            "schema": ["type": "string", "const": "true"],
        ]
    ]
}
