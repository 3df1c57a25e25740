import Assets
import Crypto
import HTTP
import Pages
import Shared
import Templates

/// A frame over the shipped templates.
enum PageFixture {
    static let own = "http://localhost:8080"

    static func frame(
        listed: [String] = [], pagesURL: String? = nil, isSecure: Bool = false,
        files: [String: String] = [:]
    ) throws -> PageFrame {
        PageFrame(
            templates: TemplateCatalog(appName: "Gate & Co") { files[$0] ?? Assets.text("templates/\($0)") },
            masterKey: try MasterKey(keys: [Secret([UInt8](repeating: 1, count: MasterKey.byteCount))]),
            origins: OriginPolicy(own: own, listed: [], allowsLocalhost: false),
            targets: ReturnTargets(own: own, listed: listed), pagesURL: pagesURL, isSecure: isSecure,
            isDevelopment: true, random: SystemRandomSource())
    }

    static func get(_ path: String = "/sign-in", _ headers: [(String, String)] = []) -> Request {
        Request(method: .get, path: path, headers: Headers([("Accept", "text/html")] + headers))
    }

    static func post(_ body: String, _ headers: [(String, String)] = []) -> Request {
        let all = [("Accept", "text/html"), ("Content-Type", "application/x-www-form-urlencoded")] + headers
        return Request(method: .post, path: "/sign-in", headers: Headers(all), body: Array(body.utf8))
    }

    /// The cookies that an answer sets, as a browser sends them back.
    static func cookies(_ response: Response) -> String {
        response.headers.filter { $0.name == "Set-Cookie" }.compactMap { $0.value.split(separator: ";").first }
            .joined(separator: "; ")
    }

    static func token(_ response: Response) -> String {
        let html = String(decoding: response.body, as: UTF8.self)
        return html.components(between: "name=\"csrf\" value=\"", and: "\"")
    }
}

extension String {
    func components(between start: String, and end: String) -> String {
        guard let first = firstRange(of: start) else { return "" }
        let rest = self[first.upperBound...]
        return String(rest[..<(rest.firstRange(of: end)?.lowerBound ?? rest.endIndex)])
    }
}
