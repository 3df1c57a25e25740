import Shared

/// Gives every request its id, and every answer the request's id.
package struct RequestIdentity: Middleware {
    private let identifiers: any IdentifierSource

    package init(identifiers: any IdentifierSource) {
        self.identifiers = identifiers
    }

    package func receive(_ request: inout Request, _: RouteTable.Match) {
        request.id = request.headers["x-request-id"].flatMap(Self.accepted) ?? identifiers.next().description
    }

    package func complete(_ response: inout Response, to request: Request, _: RouteTable.Match) {
        response.add("X-Request-Id", request.id)
    }

    private static func accepted(_ id: String) -> String? {
        guard (8...64).contains(id.utf8.count) else { return nil }
        let isGood = id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return isGood ? id : nil
    }
}
