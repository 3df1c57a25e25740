import HTTP
import JSON
import Shared
import Testing

/// Calls a router as a client would, without a socket.
package struct RESTClient: Sendable {
    package let router: Router

    package init(_ routes: [Route]) {
        router = Router(
            routes: routes,
            middleware: [
                FailureMapping(logger: .silent) { problem, _ in
                    .page("<p>\(problem.detail)</p>", status: problem.kind.status)
                }
            ])
    }

    package func get(
        _ target: String, _ headers: [(String, String)] = [("Accept", "application/json")]
    ) async -> Response {
        let parts = target.split(separator: "?", maxSplits: 1)
        return await router.respond(
            to: Request(
                method: .get, path: String(parts[0]), query: parts.count == 2 ? String(parts[1]) : nil,
                headers: Headers(headers)))
    }

    package func post(
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
    package func send(
        _ method: HTTP.Method, _ target: String, _ headers: [(String, String)] = [], _ body: [UInt8] = []
    ) async -> Response {
        let parts = target.split(separator: "?", maxSplits: 1)
        return await router.respond(
            to: Request(
                method: method, path: String(parts[0]), query: parts.count == 2 ? String(parts[1]) : nil,
                headers: Headers(headers), body: body))
    }

    /// Posts a form of a page that was shown, with its hidden token and the cookie that came with the page.
    ///
    /// - Parameter cookies: that the browser has besides, as `name=value`.
    package func submit(
        _ path: String, _ body: String, on page: Response, cookies kept: [String] = []
    ) async -> Response {
        let html = String(decoding: page.body, as: UTF8.self)
        let mark = "name=\"csrf\" value=\""
        let token = html.firstRange(of: mark).map { html[$0.upperBound...].prefix { $0 != "\"" } } ?? ""
        let cookies = page.headers.filter { $0.name == "Set-Cookie" }.compactMap {
            $0.value.split(separator: ";").first
        }
        return await router.respond(
            to: Request(
                method: .post, path: path,
                headers: Headers([
                    ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "text/html"),
                    ("Cookie", (kept + cookies.map(String.init)).joined(separator: "; ")),
                ]),
                body: Array("csrf=\(token)&\(body)".utf8)))
    }

    package func postForm(_ path: String, _ body: String, accept: String = "text/html") async -> Response {
        await router.respond(
            to: Request(
                method: .post, path: path,
                headers: Headers([("Content-Type", "application/x-www-form-urlencoded"), ("Accept", accept)]),
                body: Array(body.utf8)))
    }
}
