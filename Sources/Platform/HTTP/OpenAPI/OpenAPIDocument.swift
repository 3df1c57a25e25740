import JSON

/// The OpenAPI 3.1 document of a set of routes (https://spec.openapis.org/oas/v3.1.0).
package struct OpenAPIDocument: Sendable {
    let title: String
    let version: String
    let server: String
    let routes: [Route]
    private let commonWords: APIWords

    /// - Parameters:
    ///   - version: of the API, as the program's.
    ///   - server: the address that clients use, without a slash at the end.
    ///   - words: for what the words of a route say nothing of.
    package init(title: String, version: String, server: String, routes: [Route], words: APIWords = [:]) {
        self.title = title
        self.version = version
        self.server = server
        self.routes = routes
        commonWords = words
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
        if let text = explanation(operation) { object["description"] = .string(text) }
        if operation.ignoresUnknown { object["x-ignores-unknown"] = true }
        let parameters =
            pathParameters(of: route)
            + operation.query.map { parameter($0.name, "query", of: operation, $0.isRequired, $0.schema) }
            + operation.headers.map { parameter($0.name, "header", of: operation, false, $0.schema) }
            + (operation.isIdempotent ? [IdempotencyFields.parameter] : [])
        if !parameters.isEmpty { object["parameters"] = .array(parameters) }
        if let body = operation.body { object["requestBody"] = requestBody(body, operation.words) }
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
        route.path.placeholders.map { parameter($0, "path", of: route.operation, true, Self.pathParameterSchema) }
    }

    static let pathParameterSchema: JSONObject = ["type": "string", "minLength": 1]

    private func parameter(
        _ name: String, _ place: JSONValue, of operation: Operation, _ isRequired: Bool, _ schema: JSONObject
    ) -> JSONValue {
        var object: JSONObject = ["name": .string(name), "in": place, "required": .bool(isRequired)]
        if let text = explanation(operation, name) { object["description"] = .string(text) }
        object["schema"] = .object(schema)
        return .object(object)
    }

    private func requestBody(_ body: Operation.Body, _ words: APIWords) -> JSONValue {
        let content = body.mediaTypes.map { mediaType -> (String, JSONValue) in
            let isForm = mediaType == BodyFormat.form.rawValue
            let reference: JSONObject = ["$ref": .string("#/components/schemas/\(body.name)")]
            let form = described(body.formSchema, as: body.name, by: words)
            return (mediaType, ["schema": .object(isForm ? form : reference)])
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
        // One schema for all, so that a client made of the document has one type; the codes of each are beside it.
        let schema: JSONValue = ["$ref": "#/components/schemas/Problem"]
        let description = kinds.map { "`\($0.code)`: \($0.title)" }.joined(separator: "; ")
        var content: JSONObject = ["application/problem+json": ["schema": schema]]
        if asPage { content["text/html"] = ["schema": ["type": "string"]] }
        return [
            "description": .string(description), "x-problem-codes": .array(kinds.map { .string($0.code) }),
            "content": .object(content),
        ]
    }

    /// What is said of an operation, or of one of its parameters.
    func explanation(_ operation: Operation, _ parameter: String? = nil) -> String? {
        operation.words.find(operation.id, parameter) ?? commonWords.find(operation.id, parameter)
    }

    var schemas: JSONObject {
        var named: [String: JSONObject] = ["Problem": Self.problemSchema]
        for operation in routes.map(\.operation) {
            for (name, schema) in operation.schemas where named[name] == nil {
                named[name] = described(schema, as: name, by: operation.words)
            }
        }
        return JSONObject(named.sorted { $0.key < $1.key }.map { ($0.key, .object($0.value)) })
    }

    /// The same schema with the words for its members.
    private func described(
        _ schema: JSONObject, as name: String, by words: APIWords, at way: String = ""
    ) -> JSONObject {
        var schema = schema
        if schema.typeName == "array", let items = schema["items"]?.members {
            schema["items"] = .object(described(items, as: name, by: words, at: "\(way)[]"))
            return schema
        }
        guard let properties = schema["properties"]?.members else { return schema }
        schema["properties"] = .object(
            JSONObject(
                properties.members.map { member in
                    let way = way.isEmpty ? member.key : "\(way).\(member.key)"
                    var property = described(member.value.members ?? [:], as: name, by: words, at: way)
                    if property["description"] == nil, let text = words.find(name, way) ?? commonWords.find(name, way) {
                        property["description"] = .string(text)
                    }
                    return (member.key, .object(property))
                }))
        return schema
    }

    /// Keys of words that nothing of the document is described by.
    package var idleWords: [String] {
        var idle: Set<String> = commonWords.keys
        var used: Set<String> = []
        for route in routes {
            let operation = route.operation
            idle.formUnion(operation.words.keys)
            let parameters = route.path.placeholders + operation.query.map(\.name) + operation.headers.map(\.name)
            let members = operation.schemas.flatMap { name, schema in
                FieldReference.members(of: schema).map { (name, $0.name) }
            }
            let places: [(String, String?)] =
                [(operation.id, nil)] + parameters.map { (operation.id, $0) } + members
            used.formUnion(
                places.compactMap { operation.words.key(of: $0.0, $0.1) ?? commonWords.key(of: $0.0, $0.1) })
        }
        return idle.subtracting(used).sorted()
    }

    /// Keys that stand twice in a table of words.
    package var repeatedWords: [String] {
        Set(routes.flatMap(\.operation.words.repeated) + commonWords.repeated).sorted()
    }

    private static let problemSchema: JSONObject = [
        "type": "object",
        "description": "RFC 9457. `code` is stable; `detail` is for people and may change.",
        "properties": [
            "type": [
                "type": "string", "format": "uri", "description": "A name of the kind of refusal: its code in a URN.",
            ],
            "title": ["type": "string", "description": "The same sentence for every refusal of this code."],
            "status": ["type": "integer", "description": "The status of the answer."],
            "code": [
                "type": "string",
                "description": "What programs go by. Each answer of an operation lists those that it can have.",
            ],
            "detail": ["type": "string", "description": "What is wrong this time, for people."],
            "request_id": [
                "type": "string", "description": "The `X-Request-Id` of the answer, to be found in the log.",
            ],
            "errors": [
                "type": "object", "additionalProperties": ["type": "string"],
                "description": "With `validation_failed`: what is wrong with each bad field, by its name.",
            ],
        ],
        "required": ["type", "title", "status", "code", "detail", "request_id"],
    ]

    private static let securitySchemes: JSONValue = [
        "bearer": ["type": "http", "scheme": "bearer", "bearerFormat": "JWT"],
        "session": ["type": "apiKey", "in": "cookie", "name": .string(CredentialName.sessionCookie)],
        "apiKey": ["type": "apiKey", "in": "header", "name": .string(CredentialName.keyHeader)],
    ]
}

extension Operation {
    /// Of its body and its answers, by name.
    fileprivate var schemas: [(String, JSONObject)] {
        var named = body.map { [($0.name, $0.schema)] } ?? []
        for answer in answers {
            guard case .json(_, _, let components) = answer.content else { continue }
            named += components.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        }
        return named
    }
}
