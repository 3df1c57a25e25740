/// The method of the request that a client sent to a service (RFC 9110 § 9). Methods are case-sensitive, so `get` is
/// an `other` one.
package enum RequestMethod: UInt8, Sendable, CaseIterable {
    case get, head, post, put, patch, delete, options
    /// Only a route for any method takes it.
    case other

    package init(name: String) {
        switch name {
        case "GET": self = .get
        case "HEAD": self = .head
        case "POST": self = .post
        case "PUT": self = .put
        case "PATCH": self = .patch
        case "DELETE": self = .delete
        case "OPTIONS": self = .options
        default: self = .other
        }
    }

    /// Nil for `other`.
    package var name: String? {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .other: nil
        }
    }
}
