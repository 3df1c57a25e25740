import HTTP
import JSON
import Shared
import Testing

extension Route {
    /// A route that answers with `text` and the values of its path.
    static func text(_ method: HTTP.Method, _ path: PathTemplate, _ text: String = "") -> Route {
        Route(method, path, Operation("\(method.rawValue)\(path)", "Test", tag: "Test", answers: [])) { request in
            .text(([text] + request.pathValues).joined(separator: "|"))
        }
    }

    /// A page whose handler does what the test says.
    static func page(_ path: PathTemplate = "/page", _ handler: @escaping Handler) -> Route {
        Route(.get, path, Operation("page", "Test", tag: "Test", isPage: true, answers: []), handler: handler)
    }
}

extension Router {
    func get(_ target: String, _ headers: [(String, String)] = []) async -> Response {
        await send(.get, target, headers)
    }

    func send(
        _ method: HTTP.Method, _ target: String, _ headers: [(String, String)] = [], body: String = "",
        from peer: NetworkAddress = .loopback
    ) async -> Response {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return await respond(
            to: Request(
                method: method, path: String(parts[0]), query: parts.count == 2 ? String(parts[1]) : nil,
                headers: Headers(headers), body: Array(body.utf8), peer: peer))
    }
}

extension Response {
    var text: String { String(decoding: body, as: UTF8.self) }
    func json() throws -> JSONValue { try JSONValue(parsing: body) }
    func all(_ name: String) -> [String] { headers.filter { $0.name == name }.map(\.value) }
}

/// Catches what is thrown, as in the program.
func router(_ routes: [Route], _ middleware: [any Middleware] = []) -> Router {
    Router(routes: routes, middleware: middleware + [FailureMapping(logger: .silent) { _, _ in Response(status: 599) }])
}
