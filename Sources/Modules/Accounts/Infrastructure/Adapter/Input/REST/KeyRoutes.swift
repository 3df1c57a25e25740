import HTTP
import JSON

/// The public keys by which others verify access tokens (RFC 7517 § 5).
struct KeyRoutes: Sendable {
    let publicKeySet: @Sendable () -> [UInt8]

    private static let schema: JSONObject = [
        "type": "object",
        "properties": [
            "keys": [
                "type": "array",
                "items": ["type": "object", "required": ["kty", "kid", "alg", "use", "key_ops"]],
            ]
        ],
        "required": ["keys"],
    ]

    var routes: [Route] {
        [
            Route(
                .get, "/.well-known/jwks.json",
                Operation(
                    "readKeys", "The public keys that verify access tokens", tag: "Keys",
                    answers: [.document(200, schema: Self.schema, "A JWK set")])
            ) { _ in
                Response(
                    status: 200,
                    headers: [("Content-Type", "application/json"), ("Cache-Control", "public, max-age=300")],
                    body: publicKeySet())
            }
        ]
    }
}
