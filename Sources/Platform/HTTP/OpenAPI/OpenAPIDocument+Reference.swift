import JSON

extension OpenAPIDocument {
    /// The same document as values of a page for people.
    package var reference: APIReference {
        let schemas = schemas
        let calls = routes.map { route in (route.operation.tag, call(of: route, schemas)) }
        let tags = calls.map(\.0).reduce(into: [String]()) { tags, tag in
            if !tags.contains(tag) { tags.append(tag) }
        }
        return APIReference(
            title: title, version: version, server: server,
            groups: tags.map { tag in
                APIReference.Group(tag: tag, calls: calls.filter { $0.0 == tag }.map(\.1))
            },
            schemas: schemas.members.map { member in
                let schema = member.value.members ?? [:]
                return APIReference.Schema(
                    name: member.key, description: schema["description"]?.text,
                    fields: FieldReference.members(of: schema))
            },
            problems: Self.uses(in: calls.map(\.1)))
    }

    private func call(of route: Route, _ schemas: JSONObject) -> APIReference.Call {
        let operation = route.operation
        func parameter(_ name: String, _ place: String, _ isRequired: Bool, _ schema: JSONObject) -> FieldReference {
            FieldReference(
                name, place: place, isRequired: isRequired, schema: schema,
                description: explanation(operation, name))
        }
        let parameters =
            route.path.placeholders.map { parameter($0, "path", true, Self.pathParameterSchema) }
            + operation.query.map { parameter($0.name, "query", $0.isRequired, $0.schema) }
            + operation.headers.map { parameter($0.name, "header", false, $0.schema) }
        let header = FieldReference(
            IdempotencyFields.key, place: "header", isRequired: false, schema: IdempotencyFields.keySchema,
            description: IdempotencyFields.explanation)
        return APIReference.Call(
            id: operation.id, method: route.method, path: route.path.description, summary: operation.summary,
            description: explanation(operation), security: operation.security, isPage: operation.isPage,
            parameters: parameters + (operation.isIdempotent ? [header] : []),
            body: operation.body.map { body in
                APIReference.Body(
                    schema: body.name, mediaTypes: body.mediaTypes, isRequired: body.isRequired,
                    fields: FieldReference.members(of: schemas[body.name]?.members ?? body.schema))
            },
            answers: operation.answers.compactMap { Self.content(of: $0, schemas) }, problems: operation.problems,
            curl: CurlExample(route: route, server: server).text)
    }

    private static func content(of answer: Answer, _ schemas: JSONObject) -> APIReference.Content? {
        func content(_ mediaType: String?, _ schema: JSONObject?, named name: String = "") -> APIReference.Content {
            let reference: JSONObject = ["$ref": .string("#/components/schemas/\(name)")]
            return APIReference.Content(
                status: answer.status, description: answer.description, mediaType: mediaType,
                schema: schema.map { SchemaSummary(name.isEmpty ? $0 : reference) },
                fields: (schemas[name]?.members ?? schema).map { FieldReference.members(of: $0) } ?? [])
        }
        return switch answer.content {
        case .none: content(nil, nil)
        case .json(let name, let schema, _): content("application/json", schema, named: name)
        case .other(let mediaType): content(mediaType, nil)
        case .problem: nil
        }
    }

    private static func uses(in calls: [APIReference.Call]) -> [APIReference.ProblemUse] {
        // What no route has, the router itself refuses.
        let kinds = Set(calls.flatMap(\.problems) + [.notFound, .methodNotAllowed])
        return kinds.sorted(by: ProblemKind.isBefore).map { kind in
            APIReference.ProblemUse(
                kind: kind, operationIDs: calls.filter { $0.problems.contains(kind) }.map(\.id))
        }
    }
}

extension ProblemKind {
    /// By status, then by code.
    static func isBefore(_ left: ProblemKind, _ right: ProblemKind) -> Bool {
        (left.status, left.code) < (right.status, right.code)
    }
}
