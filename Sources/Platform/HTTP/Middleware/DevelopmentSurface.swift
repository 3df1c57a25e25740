import Shared

/// Keeps `/dev/*` to the developer's own machine: a loopback peer, no proxy between, and a `Host` that is localhost
/// or our own, so that no foreign page reaches it by a name that resolves to here (DNS rebinding).
package struct DevelopmentSurface: Middleware {
    private let hosts: Set<String>

    private static let forwardingHeaders = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"]

    /// - Parameter ownHost: the host of `APP_URL`, with its port if it has one.
    package init(ownHost: String) {
        hosts = ["localhost", "127.0.0.1", "[::1]", Self.name(of: ownHost)]
    }

    package func receive(_ request: inout Request, _ match: RouteTable.Match) throws {
        guard Self.isDevelopment(match) else { return }
        guard request.peer.isLoopback, !Self.forwardingHeaders.contains(where: request.headers.contains),
            let host = request.headers["host"], hosts.contains(Self.name(of: host.lowercased()))
        else { throw Problem(.notFound) }
    }

    /// By the route, not by the request's path: that may be escaped, `/%64ev/mailbox`.
    private static func isDevelopment(_ match: RouteTable.Match) -> Bool {
        switch match {
        case .found(let route, _): route.path.description.hasPrefix("/dev/")
        case .otherMethod(_, let path): path.description.hasPrefix("/dev/")
        case .unknown, .everything, .malformed: false
        }
    }

    /// Without the port.
    private static func name(of host: String) -> String {
        guard let colon = host.lastIndex(of: ":"), host[colon...].dropFirst().allSatisfy(\.isNumber) else {
            return host
        }
        return String(host[..<colon])
    }
}
