/// The method of the request that a client sent to a service (RFC 9110 § 9).
package enum RequestMethod: UInt8, Sendable, CaseIterable {
    case get, head, post, put, patch, delete, options
    /// Only a route for any method takes it.
    case other

    /// Nil for a name that can be read in two ways: methods are case-sensitive, so that `delete` is not `DELETE`, but
    /// some services take it for that. A name beyond ASCII becomes a known one in some languages' upper case too.
    package init?(name: String) {
        switch name {
        case "GET": self = .get
        case "HEAD": self = .head
        case "POST": self = .post
        case "PUT": self = .put
        case "PATCH": self = .patch
        case "DELETE": self = .delete
        case "OPTIONS": self = .options
        default:
            guard name.utf8.allSatisfy({ $0 < 0x80 }), !Self.isKnown(inAnyCase: name) else { return nil }
            self = .other
        }
    }

    private static func isKnown(inAnyCase name: String) -> Bool {
        let letters = name.utf8.map { $0 | 0x20 }
        return allCases.contains { $0.name?.utf8.map { $0 | 0x20 } == letters }
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
