import Shared

/// Gives every request its id and trace context, and every answer the id.
package struct RequestIdentity: Middleware {
    private let identifiers: any IdentifierSource

    package init(identifiers: any IdentifierSource) {
        self.identifiers = identifiers
    }

    package func handle(
        _ request: Request, _ match: RouteTable.Match, _ next: MiddlewareNext
    ) async throws -> Response {
        var request = request
        request.id = request.headers["x-request-id"].flatMap(Self.accepted) ?? identifiers.next().description
        request.traceparent = request.headers["traceparent"].flatMap(Self.acceptedTrace)
        var response = try await next(request, match)
        response.add("X-Request-Id", request.id)
        return response
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

    /// Version 00 of W3C Trace Context § 3.2: `00-<32 hex>-<16 hex>-<2 hex>`, no all-zero ids.
    private static func acceptedTrace(_ text: String) -> String? {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].elementsEqual("00".utf8), isLowerHex(parts[1], count: 32),
            isLowerHex(parts[2], count: 16), isLowerHex(parts[3], count: 2)
        else { return nil }
        return isZero(parts[1]) || isZero(parts[2]) ? nil : text
    }

    private static func isLowerHex(_ text: Substring.UTF8View, count: Int) -> Bool {
        text.count == count
            && text.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
                default: false
                }
            }
    }

    private static func isZero(_ digits: Substring.UTF8View) -> Bool {
        digits.allSatisfy { $0 == UInt8(ascii: "0") }
    }
}
