import AccessApplication
import AccessDomain
import HTTP
import Shared

/// What the gateway's client wants, from the one set of headers that the dialect reads.
struct ForwardTarget {
    let demand: AccessQuestion.Demand
    /// As the client sent it; nil where the gateway does not say.
    let address: String?
    /// Whether it is a `GET`.
    let isGet: Bool
    /// Whether the session cookie counts without a look at where the request comes from: the method promises to change
    /// nothing (RFC 9110 § 9.2.1).
    let isSafe: Bool

    private struct Names {
        let target: String
        let method: String
    }

    private static let original = Names(target: "x-original-uri", method: "x-original-method")
    private static let forwarded = Names(target: "x-forwarded-uri", method: "x-forwarded-method")

    private enum Reading: Equatable {
        case absent
        case present(target: String, method: String)
        case unclear
    }

    /// Why nothing is decided about it.
    enum Refusal: Error {
        /// It can be read in two ways.
        case ambiguous
        case tooLong
    }

    init(_ headers: Headers, _ dialect: ForwardDialect?) throws(Refusal) {
        let reading: Reading
        switch dialect {
        case .nginx: reading = Self.read(Self.original, headers)
        case .caddy, .traefik: reading = Self.read(Self.forwarded, headers)
        case nil:
            let (first, second) = (Self.read(Self.original, headers), Self.read(Self.forwarded, headers))
            if first == .absent {
                reading = second
            } else {
                reading = second == .absent || second == first ? first : .unclear
            }
        }
        switch reading {
        case .unclear: throw .ambiguous
        case .absent:
            demand = .unknownPath
            (isSafe, address, isGet) = (false, nil, false)
        case .present(let target, let name):
            guard let method = RequestMethod(name: name) else { throw .ambiguous }
            do throws(RequestPath.Refusal) {
                demand = .request(method, try RequestPath(target: target))
            } catch {
                throw error == .tooLong ? .tooLong : .ambiguous
            }
            (address, isGet) = (target, method == .get)
            isSafe = method == .get || method == .head || method == .options
        }
    }

    /// Whether the client opens a WebSocket (RFC 6455 § 4.1), by one of the headers that gateways hand over. Unlike the
    /// answer to a `GET`, a page of another origin may read and write all of it.
    static func opensWebSocket(_ headers: Headers) -> Bool {
        headers.contains("upgrade") || headers.contains("sec-websocket-version")
            || headers.contains("sec-websocket-key") || headers["sec-fetch-mode"] == "websocket"
    }

    /// Half a set, or one that is there twice, says nothing for certain.
    private static func read(_ names: Names, _ headers: Headers) -> Reading {
        switch (headers.count(of: names.target), headers.count(of: names.method)) {
        case (0, 0): return .absent
        case (1, 1):
            guard let target = headers[names.target], let method = headers[names.method], !method.isEmpty else {
                return .unclear
            }
            return .present(target: target, method: method)
        default: return .unclear
        }
    }
}
