import JSON

/// The OpenAPI 3.1 document of a set of routes (https://spec.openapis.org/oas/v3.1.0).
package struct OpenAPIDocument: Sendable {
    let title: String
    let version: String
    let server: String
    let routes: [Route]

    /// - Parameters:
    ///   - version: of the API, as the program's.
    ///   - server: the address that clients use, without a slash at the end.
    package init(title: String, version: String, server: String, routes: [Route]) {
        self.title = title
        self.version = version
        self.server = server
        self.routes = routes
    }

    package var json: JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": .string(title), "version": .string(version), "description": .string(Self.conventions),
            ],
            "servers": [["url": .string(server)]],
            "paths": .object(paths),
            "components": ["schemas": .object(schemas), "securitySchemes": Self.securitySchemes],
        ]
    }

    private static let conventions = """
        Members of a body and parameters of a query that an operation does not name, and parameters that are given \
        twice, are refused with 422 `validation_failed`, each by its name. Operations with `x-ignores-unknown` pass \
        over what they do not name. Refusals are problem documents (RFC 9457) with a stable `code`.
        """

    private var paths: JSONObject {
        var paths = JSONObject()
        for route in routes {
            var item: JSONObject = [:]
            if case .object(let known)? = paths[route.path.description] { item = known }
            item[route.method.rawValue.lowercased()] = .object(operation(of: route))
            paths[route.path.description] = .object(item)
        }
        return paths
    }

    private func operation(of route: Route) -> JSONObject {
        let operation = route.operation
        var object: JSONObject = [
            "operationId": .string(operation.id),
            "summary": .string(operation.summary),
            "tags": [.string(operation.tag)],
        ]
        if operation.ignoresUnknown { object["x-ignores-unknown"] = true }
        let parameters =
            pathParameters(of: route) + operation.query.map(queryParameter)
            + (operation.isIdempotent ? [IdempotencyFields.parameter] : [])
        if !parameters.isEmpty { object["parameters"] = .array(parameters) }
        if let body = operation.body { object["requestBody"] = requestBody(body) }
        object["responses"] = .object(responses(of: operation))
        switch operation.security {
        case .everyone: object["security"] = []
        case .signedIn: object["security"] = [["bearer": []], ["session": []]]
        case .key: object["security"] = [["bearer": []], ["apiKey": []]]
        case .signedInOrKey: object["security"] = [["bearer": []], ["session": []], ["apiKey": []]]
        }
        return object
    }

    private func pathParameters(of route: Route) -> [JSONValue] {
        route.path.placeholders.map { name in
            ["name": .string(name), "in": "path", "required": true, "schema": .object(Self.pathParameterSchema)]
        }
    }

    static let pathParameterSchema: JSONObject = ["type": "string", "minLength": 1]

    private func queryParameter(_ field: Fields.Description) -> JSONValue {
        [
            "name": .string(field.name), "in": "query", "required": .bool(field.isRequired),
            "schema": .object(field.schema),
        ]
    }

    private func requestBody(_ body: Operation.Body) -> JSONValue {
        let content = body.mediaTypes.map { mediaType -> (String, JSONValue) in
            let isForm = mediaType == BodyFormat.form.rawValue
            let reference: JSONObject = ["$ref": .string("#/components/schemas/\(body.name)")]
            return (mediaType, ["schema": .object(isForm ? body.formSchema : reference)])
        }
        return ["required": .bool(body.isRequired), "content": .object(JSONObject(content))]
    }

    private func responses(of operation: Operation) -> JSONObject {
        var responses = JSONObject()
        for answer in operation.answers {
            if case .problem = answer.content { continue }
            var object = success(answer, besides: responses[String(answer.status)])
            if operation.isIdempotent { object["headers"] = IdempotencyFields.responseHeaders }
            responses[String(answer.status)] = .object(object)
        }
        for (status, kinds) in Dictionary(grouping: operation.problems, by: \.status).sorted(by: { $0.key < $1.key }) {
            responses[String(status)] = refusal(kinds, asPage: operation.isPage)
        }
        return responses
    }

    /// One status may have several media types, each declared as an answer.
    private func success(_ answer: Answer, besides other: JSONValue?) -> JSONObject {
        var content: JSONObject = [:]
        if case .object(let known)? = other?["content"] { content = known }
        switch answer.content {
        case .none, .problem: break
        case .json(let name, let schema, _):
            let reference: JSONObject = ["$ref": .string("#/components/schemas/\(name)")]
            let own = JSONValue.object(name.isEmpty ? schema : reference)
            // One of several, by what was asked.
            let known = content["application/json"]?["schema"]
            content["application/json"] = ["schema": known.map { ["anyOf": [$0, own]] } ?? own]
        case .other(let mediaType):
            content[mediaType] = ["schema": ["type": "string"]]
        }
        var object: JSONObject = ["description": .string(answer.description)]
        if !content.isEmpty { object["content"] = .object(content) }
        return object
    }

    private func refusal(_ kinds: [ProblemKind], asPage: Bool) -> JSONValue {
        let codes = kinds.map { JSONValue.string($0.code) }
        let schema: JSONValue = [
            "allOf": [
                ["$ref": "#/components/schemas/Problem"],
                ["type": "object", "properties": ["code": ["enum": .array(codes)]]],
            ]
        ]
        let description = kinds.map { "`\($0.code)`: \($0.title)" }.joined(separator: "; ")
        var content: JSONObject = ["application/problem+json": ["schema": schema]]
        if asPage { content["text/html"] = ["schema": ["type": "string"]] }
        return ["description": .string(description), "content": .object(content)]
    }

    var schemas: JSONObject {
        var named: [String: JSONObject] = ["Problem": Self.problemSchema]
        for operation in routes.map(\.operation) {
            if let body = operation.body { named[body.name] = body.schema }
            for answer in operation.answers {
                if case .json(_, _, let components) = answer.content { named.merge(components) { first, _ in first } }
            }
        }
        return JSONObject(named.sorted { $0.key < $1.key }.map { ($0.key, .object($0.value)) })
    }

    private static let problemSchema: JSONObject = [
        "type": "object",
        "description": "RFC 9457. `code` is stable; `detail` is for people and may change.",
        "properties": [
            "type": ["type": "string", "format": "uri"],
            "title": ["type": "string"],
            "status": ["type": "integer"],
            "code": ["type": "string"],
            "detail": ["type": "string"],
            "request_id": ["type": "string"],
            "errors": ["type": "object", "additionalProperties": ["type": "string"]],
        ],
        "required": ["type", "title", "status", "code", "detail", "request_id"],
    ]

    private static let securitySchemes: JSONValue = [
        "bearer": ["type": "http", "scheme": "bearer", "bearerFormat": "JWT"],
        "session": ["type": "apiKey", "in": "cookie", "name": .string(CredentialName.sessionCookie)],
        "apiKey": ["type": "apiKey", "in": "header", "name": .string(CredentialName.keyHeader)],
    ]
}
