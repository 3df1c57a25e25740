import Shared

/// A part of a service with rules of its own.
package struct RouteRule: Sendable, Equatable {
    package static let costs: ClosedRange<Int> = 0...1_000_000

    /// Nil for any. A route for GET takes HEAD too.
    package let method: RequestMethod?
    package let path: RoutePath
    /// The path for people: decoded and without a slash at its end; empty for the whole service. It covers itself and
    /// what is below it.
    package let prefix: String
    /// Asked for beside the service's own.
    package let permission: Permission?
    /// What one request draws from the quota; 0 is free.
    package let cost: Int

    /// - Parameter prefix: a path in any spelling that a request could have, perhaps with segments `{name}`.
    /// - Throws: why no request could ever have that path.
    package init(
        method: RequestMethod? = nil, prefix: String, permission: Permission? = nil, cost: Int = 1
    ) throws(RoutePath.Refusal) {
        path = try RoutePath(prefix)
        self.method = method
        self.prefix = path.text
        self.permission = permission
        self.cost = min(max(cost, Self.costs.lowerBound), Self.costs.upperBound)
    }

    /// Whether both would decide about the same requests.
    package func coversTheSame(as other: RouteRule) -> Bool {
        method == other.method && path.pattern == other.path.pattern
    }
}

/// Finds the route of a request: the longest prefix on whole segments decides, of equally long ones that with a literal
/// segment where the other has a parameter, then the method.
///
/// A longer prefix hides the shorter ones for every method: if `/admin` has a route for GET only, POST is refused
/// there and does not fall back to the rules of `/`. Made once for each service; a look-up allocates nothing.
package struct RouteMatcher: Sendable, Equatable {
    package enum Match: Sendable, Equatable {
        /// The service has no routes.
        case unrestricted
        /// Which of the routes.
        case route(Int)
        /// No route covers the path, or not with this method.
        case refused
    }

    /// The routes of one prefix.
    private struct Group: Sendable, Equatable {
        let start: Int
        let length: Int
        /// By `RequestMethod.rawValue`: which route, or -1.
        let routes: [Int]
    }

    /// All prefixes, one after the other.
    private let bytes: [UInt8]
    /// In the order in which they decide.
    private let groups: [Group]

    package init(_ routes: [RouteRule]) {
        var bytes: [UInt8] = []
        var groups: [Group] = []
        var paths: [RoutePath] = []
        for route in routes where !paths.contains(where: { $0.pattern == route.path.pattern }) {
            paths.append(route.path)
        }
        for path in paths.sorted(by: { $0.isAhead(of: $1) }) {
            let prefix = path.pattern
            let own = routes.indices.filter { routes[$0].path.pattern == prefix }
            func first(_ method: RequestMethod?) -> Int? { own.first { routes[$0].method == method } }
            let table = RequestMethod.allCases.map { method in
                first(method) ?? (method == .head ? first(.get) : nil) ?? first(nil) ?? -1
            }
            groups.append(Group(start: bytes.count, length: prefix.count, routes: table))
            bytes += prefix
        }
        self.bytes = bytes
        self.groups = groups
    }

    package func match(_ method: RequestMethod, _ path: RequestPath) -> Match {
        if groups.isEmpty { return .unrestricted }
        let path = path.text.utf8.span
        let bytes = bytes.span
        for index in groups.indices where Self.covers(bytes, groups[index].start, groups[index].length, path) {
            let route = groups[index].routes[Int(method.rawValue)]
            return route < 0 ? .refused : .route(route)
        }
        return .refused
    }

    /// The path of the request is not known.
    package var matchWithoutPath: Match { groups.isEmpty ? .unrestricted : .refused }

    private static func covers(_ bytes: Span<UInt8>, _ start: Int, _ length: Int, _ path: Span<UInt8>) -> Bool {
        let slash = UInt8(ascii: "/")
        var position = 0
        for index in start..<start + length {
            guard position < path.count else { return false }
            if bytes[index] == RoutePath.anySegment {
                guard path[position] != slash else { return false }
                while position < path.count, path[position] != slash { position += 1 }
            } else {
                guard path[position] == bytes[index] else { return false }
                position += 1
            }
        }
        return position == path.count || path[position] == slash
    }
}
