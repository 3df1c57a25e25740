import AccessDomain
import JSON
import Shared

/// The routes of a service as one column: `[{"method": "GET", "path": "/a%20b", "permission": null, "cost": 1}]`.
enum RouteColumn {
    static func json(_ routes: [RouteRule]) -> String {
        let list = routes.map { route -> JSONValue in
            [
                "method": (route.method?.name).map { .string($0) } ?? .null,
                "path": .string(route.spelledPath),
                "permission": (route.permission?.description).map { .string($0) } ?? .null,
                "cost": .integer(Int64(route.cost)),
            ]
        }
        return String(decoding: JSONValue.array(list).serialized, as: UTF8.self)
    }

    static func routes(_ json: String) throws -> [RouteRule] { try AccessColumns.elements(json).map(route) }

    private static func route(_ value: JSONValue) throws -> RouteRule {
        guard let path = value["path"]?.text, let cost = value["cost"]?.integer else {
            throw InternalFailure("a stored route is none")
        }
        return try RouteRule(
            method: value["method"]?.text.map { RequestMethod(name: $0) ?? .other }, prefix: path,
            permission: value["permission"]?.text.map(AccessColumns.permission), cost: Int(cost))
    }
}
