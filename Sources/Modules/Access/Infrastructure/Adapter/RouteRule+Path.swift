import AccessDomain
import HTTP

extension RouteRule {
    /// A path by which the same route is read again: escaped where a path needs it.
    var spelledPath: String {
        guard !path.segments.isEmpty else { return "/" }
        return path.segments.reduce(into: "") { text, segment in
            switch segment {
            case .literal(let name): text += "/" + PercentCoding.encode(name)
            case .parameter(let name): text += "/{" + name + "}"
            }
        }
    }
}
