/// Finds the route of a request. Paths that are constant, or constant but for their last segment, are one look-up;
/// others walk a tree of segments.
package struct RouteTable: Sendable {
    package enum Match: Sendable {
        case found(Route, values: [String])
        /// The path is known; `allowed` are its methods.
        case otherMethod(allowed: [Method], path: PathTemplate)
        case unknown
        /// `*`: no path, but all of them (RFC 9110 § 9.3.7).
        case everything
        /// The path has an escape that is broken, not UTF-8 or U+0000.
        case malformed

        var isForPrograms: Bool { if case .found(let route, _) = self { route.operation.isForPrograms } else { false } }
    }

    /// The routes of one path, hardly ever more than three.
    private struct Resource: Sendable {
        private(set) var routes: [Route] = []

        mutating func set(_ route: Route) {
            routes.removeAll { $0.method == route.method }
            routes.append(route)
        }

        subscript(method: Method) -> Route? { routes.first { $0.method == method } }
    }

    private struct Node: Sendable {
        var constants: [String: Node] = [:]
        var placeholders: [Node] = []
        var resource = Resource()
    }

    private var constantPaths: [String: Resource] = [:]
    /// Those of which only the last segment is a placeholder, by what is before it.
    private var lastPlaceholders: [String: Resource] = [:]
    private var root = Node()

    /// A second route for a method and path replaces the first: modules own their paths, and a test compares them.
    package init(_ routes: [Route]) {
        for route in routes {
            if route.path.isConstant { constantPaths[route.path.description, default: Resource()].set(route) }
            if let constant = Self.constantBeforeLast(route.path) {
                lastPlaceholders[constant, default: Resource()].set(route)
            }
            Self.insert(route, route.path.segments[...], into: &root)
        }
    }

    private static func constantBeforeLast(_ path: PathTemplate) -> String? {
        guard case .placeholder? = path.segments.last else { return nil }
        var text = ""
        for segment in path.segments.dropLast() {
            guard case .constant(let name) = segment else { return nil }
            text += "/" + name
        }
        return text
    }

    private static func insert(_ route: Route, _ segments: ArraySlice<PathTemplate.Segment>, into node: inout Node) {
        switch segments.first {
        case nil:
            node.resource.set(route)
        case .constant(let name):
            insert(route, segments.dropFirst(), into: &node.constants[name, default: Node()])
        case .placeholder:
            if node.placeholders.isEmpty { node.placeholders.append(Node()) }
            insert(route, segments.dropFirst(), into: &node.placeholders[0])
        }
    }

    /// - Parameter path: raw, as sent. `%2F` inside a segment stays inside it; an empty segment matches nothing.
    package func match(_ method: Method, _ path: String) -> Match {
        if let resource = constantPaths[path] { return choose(method, resource, values: []) }
        if let match = matchLast(method, path) { return match }
        if path == "*" { return .everything }
        guard let segments = Self.segments(of: path) else { return .malformed }
        var values: [String] = []
        guard let node = find(segments[...], from: root, &values) else {
            return .unknown
        }
        return choose(method, node.resource, values: values)
    }

    /// A path whose segments are constant but for the last one. Other spellings are left to the tree.
    private func matchLast(_ method: Method, _ path: String) -> Match? {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")),
            let resource = lastPlaceholders[String(path[..<slash])]
        else { return nil }
        let segment = path[slash...].utf8.dropFirst()
        if segment.isEmpty || segment.contains(UInt8(ascii: "%")) { return nil }
        return choose(method, resource, values: [String(Substring(segment))])
    }

    /// Nil for an escape that is broken.
    private static func segments(of path: String) -> [String]? {
        var segments: [String] = []
        for part in path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let segment = PercentCoding.decode(part.span) else { return nil }
            segments.append(segment)
        }
        return segments
    }

    private func find(_ segments: ArraySlice<String>, from node: Node, _ values: inout [String]) -> Node? {
        guard let segment = segments.first else { return node.resource.routes.isEmpty ? nil : node }
        if let next = node.constants[segment], let found = find(segments.dropFirst(), from: next, &values) {
            return found
        }
        guard !segment.isEmpty, let next = node.placeholders.first else { return nil }
        values.append(segment)
        if let found = find(segments.dropFirst(), from: next, &values) { return found }
        values.removeLast()
        return nil
    }

    private func choose(_ method: Method, _ resource: Resource, values: [String]) -> Match {
        if let route = resource[method] ?? (method == .head ? resource[.get] : nil) {
            return .found(route, values: values)
        }
        var allowed = Set(resource.routes.map(\.method)).union([.options])
        if allowed.contains(.get) { allowed.insert(.head) }
        let path = resource.routes.first?.path ?? "/"
        return .otherMethod(allowed: Method.allCases.filter(allowed.contains), path: path)
    }
}
