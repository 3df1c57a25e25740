import HTTP
import JSON
import Messaging

/// The schemas of public events, which `dataschema` of their envelopes names.
struct EventSchemaRoutes: Sendable {
    private let documents: [String: Response]

    /// - Parameter appURL: begins the identifier of each schema, as it begins `dataschema`.
    init(_ catalogue: EventCatalogue, appURL: String) {
        documents = catalogue.entries.filter { $0.reach == .public }.reduce(into: [:]) { documents, entry in
            var schema: JSONObject = ["$id": .string(appURL + entry.path)]
            for member in entry.schema.members { schema[member.key] = member.value }
            documents[entry.path] = Response(
                status: 200,
                headers: [
                    ("Content-Type", "application/schema+json"), ("Cache-Control", "public, max-age=3600"),
                ],
                body: JSONValue.object(schema).serialized)
        }
    }

    var routes: [Route] {
        [
            Route(
                .get, "/schemas/events/{type}/{document}",
                Operation(
                    "readEventSchema",
                    "The JSON Schema of the data of a public event; the document is its version, such as `1.json`",
                    tag: "Events",
                    answers: [.media(200, "application/schema+json", "The schema"), .problem(.notFound)])
            ) { request in
                guard let document = documents["/schemas/events/\(request.pathValues.joined(separator: "/"))"] else {
                    throw Problem(.notFound)
                }
                return document
            }
        ]
    }
}
