import Assets
import HTTP
import JSON
import Shared
import Telemetry

/// What every process serves beside its modules.
struct SystemRoutes: Sendable {
    let readiness: Readiness
    let metrics: Metrics
    let shared: SharedCounters?
    /// How what the modules need from outside is.
    let dependencies: @Sendable () -> [String: String]
    let logger: Logger

    private static let tag = "System"

    var health: [Route] {
        [
            Route(
                .get, "/health/live",
                Operation(
                    "isAlive", "Whether the process lives", tag: Self.tag,
                    answers: [.json(200, HealthAnswer.self, "It does")])
            ) { _ in .json(HealthAnswer(status: "alive", database: nil, redis: nil, dependencies: [:])) },
            Route(
                .get, "/health/ready",
                Operation(
                    "isReady", "Whether the process takes traffic", tag: Self.tag,
                    answers: [
                        .json(200, HealthAnswer.self, "It does"),
                        .problem(.unavailable),
                    ])
            ) { _ in
                if let obstacle = try await readiness.obstacle() {
                    logger.warning("not ready", ["cause": .text(obstacle)])
                    throw Problem.unavailable(retryAfter: .seconds(1))
                }
                return .json(
                    HealthAnswer(
                        status: "ready", database: "ok", redis: shared?.health, dependencies: dependencies()))
            },
        ]
    }

    var figures: [Route] {
        [
            Route(
                .get, "/metrics",
                Operation(
                    "readMetrics", "Figures in Prometheus' text format", tag: Self.tag,
                    answers: [.media(200, "text/plain", "The figures")])
            ) { _ in
                Response(status: 200, headers: [("Content-Type", Metrics.contentType)], body: metrics.render())
            }
        ]
    }

    /// - Parameter response: the document.
    static func openAPI(_ response: Response) -> Route {
        Route(
            .get, "/openapi.json",
            Operation(
                "readOpenAPI", "This document", tag: tag,
                answers: [.document(200, schema: ["type": "object"], "OpenAPI 3.1")])
        ) { _ in response }
    }

    static var staticFiles: [Route] {
        Assets.paths(under: "static/").compactMap { path in
            guard let bytes = Assets.bytes(path), let mediaType = mediaType(of: path) else { return nil }
            let response = Response(
                status: 200, headers: [("Content-Type", mediaType), ("Cache-Control", "public, max-age=3600")],
                body: bytes)
            let name = path.dropFirst("static/".count)
            return Route(
                .get, PathTemplate(stringLiteral: "/\(path)"),
                Operation(
                    "readStatic_\(name.map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined())",
                    "A file of the pages", tag: tag, answers: [.media(200, mediaType, "The file")])
            ) { _ in response }
        }
    }

    private static func mediaType(of path: String) -> String? {
        let types = [
            ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
        ]
        return types.first { path.hasSuffix($0.key) }?.value
    }
}

/// How a process is.
struct HealthAnswer: Output {
    let status: String
    let database: String?
    /// `ok` or `unreachable`; nil without Redis. The process takes traffic without it.
    let redis: String?
    /// By their names; a process takes traffic whatever they say.
    let dependencies: [String: String]

    static let shape = Shape<HealthAnswer>("Health") { shape in
        shape.member("status", .text) { $0.status }
        shape.optional("database", .text) { $0.database }
        shape.optional("redis", .text) { $0.redis }
        shape.optional("dependencies", .dependencies) { answer in
            answer.dependencies.isEmpty
                ? nil : JSONObject(answer.dependencies.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
        }
    }
}

extension OutputType where Value == JSONObject {
    fileprivate static var dependencies: OutputType {
        OutputType(schema: ["type": "object", "additionalProperties": ["type": "string"]]) { $1.value(.object($0)) }
    }
}
