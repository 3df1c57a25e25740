import HTTP
import Templates

/// The API's documentation as one page without scripts, made from the document that /openapi.json serves.
struct DocumentationPage: Sendable {
    static let path: PathTemplate = "/docs"

    let reference: APIReference

    init(_ reference: APIReference) {
        self.reference = reference
    }

    static func route(_ page: PageOnDemand) -> Route {
        Route(
            .get, path,
            Operation(
                "readDocs", "This document as a page for people", tag: "System", isPage: true,
                answers: [.media(200, "text/html", "The page")])
        ) { _ in try page.response }
    }

    /// - Throws: `TemplateError`, `InternalFailure`.
    func response(_ templates: TemplateCatalog) throws -> Response {
        var response = Response.page(
            try templates.render(
                "docs/reference.html.mustache", format: .html,
                partials: ["fields": "docs/fields.html.mustache", "prose": "docs/prose.html.mustache"], values))
        response.add("Cache-Control", "no-cache")
        return response
    }

    var values: TemplateValues {
        [
            "title": .text(reference.title), "version": .text(reference.version), "server": .text(reference.server),
            "groups": .list(
                reference.groups.map { group in
                    [
                        "tag": .text(group.tag), "anchor": .text(Self.anchor(ofTag: group.tag)),
                        "calls": .list(group.calls.map(Self.values)),
                    ]
                }),
            "schemas": .list(
                reference.schemas.map { schema in
                    [
                        "schema": .text(schema.name), "has_prose": .flag(schema.description != nil),
                        "prose": Self.prose(schema.description ?? ""),
                        "fields": Self.fields(schema.fields),
                    ]
                }),
            "problems": .list(reference.problems.map(Self.values)),
        ]
    }

    private static func values(of call: APIReference.Call) -> TemplateValues {
        [
            "id": .text(call.id), "method": .text(call.method.rawValue), "path": .text(call.path),
            "prose": prose(call.summary), "who": .text(who(call.security)),
            "explanation": .list(call.description.map { [["prose": prose($0)]] } ?? []),
            "is_page": .flag(call.isPage), "has_parameters": .flag(!call.parameters.isEmpty),
            "parameters": .nested(["fields": fields(call.parameters)]),
            "body": .list(call.body.map { [values(of: $0)] } ?? []),
            "answers": .list(call.answers.map(values)),
            "problems": .list(call.problems.map(values)), "problem_count": .text(String(call.problems.count)),
            "curl": .text(call.curl),
        ]
    }

    private static func who(_ security: Operation.Security) -> String {
        switch security {
        case .everyone: "everyone"
        case .signedIn: "people who are signed in"
        case .signedInOrKey: "people who are signed in, and programs with an API key"
        case .key: "programs with an API key"
        }
    }

    private static func values(of body: APIReference.Body) -> TemplateValues {
        [
            "schema": .text(body.schema), "media_types": .text(body.mediaTypes.joined(separator: " or ")),
            "is_optional": .flag(!body.isRequired), "fields": fields(body.fields),
        ]
    }

    private static func values(of answer: APIReference.Content) -> TemplateValues {
        [
            "status": .text(String(answer.status)), "prose": prose(answer.description),
            "media_type": .text(answer.mediaType ?? ""), "type": .text(answer.schema?.type ?? ""),
            "reference": .text(answer.schema?.reference ?? ""), "has_fields": .flag(!answer.fields.isEmpty),
            "fields": fields(answer.fields),
        ]
    }

    private static func values(of kind: ProblemKind) -> TemplateValues {
        ["status": .text(String(kind.status)), "code": .text(kind.code), "title": .text(kind.title)]
    }

    private static func values(of use: APIReference.ProblemUse) -> TemplateValues {
        var values = values(of: use.kind)
        let count = use.operationIDs.count
        values["count"] = .text(count == 0 ? "" : count == 1 ? "1 operation" : "\(count) operations")
        values["operations"] = .list(use.operationIDs.map { ["id": .text($0)] })
        return values
    }

    private static func fields(_ fields: [FieldReference]) -> TemplateValues.Value {
        .list(
            fields.map { field in
                [
                    "name": .text(field.name), "place": .text(field.place), "is_required": .flag(field.isRequired),
                    "is_nullable": .flag(field.schema.isNullable), "type": .text(field.schema.type),
                    "reference": .text(field.schema.reference ?? ""),
                    "limits": .text(field.schema.limits.joined(separator: "; ")),
                    "pattern": .text(field.schema.pattern ?? ""),
                    "has_prose": .flag(field.description != nil), "prose": prose(field.description ?? ""),
                ]
            })
    }

    /// Text in which pieces of code stand between backticks.
    private static func prose(_ text: String) -> TemplateValues.Value {
        .list(
            text.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { index, piece in
                ["is_code": .flag(index % 2 == 1), "text": .text(String(piece))]
            })
    }

    /// Operations have their identifier as anchor, which has no hyphen.
    private static func anchor(ofTag tag: String) -> String {
        "tag-\(tag.lowercased().map { $0.isLetter || $0.isNumber ? String($0) : "-" }.joined())"
    }
}
