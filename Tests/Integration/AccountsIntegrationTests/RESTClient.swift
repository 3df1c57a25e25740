import HTTP
import JSON
import Shared
import Testing

@testable import AccountsInfrastructure

/// Calls a router as a client would, without a socket.
struct RESTClient: Sendable {
    let router: Router

    init(_ routes: [Route]) {
        router = Router(
            routes: routes,
            middleware: [
                FailureMapping(logger: .silent) { problem, _ in
                    .page("<p>\(problem.detail)</p>", status: problem.kind.status)
                }
            ])
    }

    func get(_ target: String, _ headers: [(String, String)] = [("Accept", "application/json")]) async -> Response {
        let parts = target.split(separator: "?", maxSplits: 1)
        return await router.respond(
            to: Request(
                method: .get, path: String(parts[0]), query: parts.count == 2 ? String(parts[1]) : nil,
                headers: Headers(headers)))
    }

    func post(
        _ path: String, _ body: JSONValue = .null, _ headers: [(String, String)] = [],
        from peer: NetworkAddress = .loopback
    ) async -> Response {
        let content = body == .null ? [] : [("Content-Type", "application/json")]
        return await router.respond(
            to: Request(
                method: .post, path: path, headers: Headers(content + headers),
                body: body == .null ? [] : body.serialized, peer: peer))
    }

    /// With a body of any kind.
    func send(
        _ method: HTTP.Method, _ target: String, _ headers: [(String, String)] = [], _ body: [UInt8] = []
    ) async -> Response {
        let parts = target.split(separator: "?", maxSplits: 1)
        return await router.respond(
            to: Request(
                method: method, path: String(parts[0]), query: parts.count == 2 ? String(parts[1]) : nil,
                headers: Headers(headers), body: body))
    }

    func postForm(_ path: String, _ body: String, accept: String = "text/html") async -> Response {
        await router.respond(
            to: Request(
                method: .post, path: path,
                headers: Headers([("Content-Type", "application/x-www-form-urlencoded"), ("Accept", accept)]),
                body: Array(body.utf8)))
    }
}

extension Response {
    func json() throws -> JSONValue { try JSONValue(parsing: body) }

    /// The code of a problem document; nil if it is none.
    var code: String? {
        guard self["Content-Type"] == "application/problem+json" else { return nil }
        return (try? json())?["code"]?.text
    }

    /// The code of a problem document with its status: `403 permission_denied`; nil if it is none.
    var refusal: String? { code.map { "\(status) \($0)" } }

    /// The fields that are not valid, in order.
    var badFields: [String] {
        guard code == "validation_failed", case .object(let errors)? = (try? json())?["errors"] else { return [] }
        return errors.keys
    }

    /// The elements of a list.
    func data() throws -> [JSONValue] { try #require(try json()["data"]?.elements) }

    var html: String { String(decoding: body, as: UTF8.self) }

    var cookies: [String] { headers.filter { $0.name == "Set-Cookie" }.map(\.value) }
}
