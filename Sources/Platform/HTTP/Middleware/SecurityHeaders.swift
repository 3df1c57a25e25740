/// Puts the headers on answers that keep browsers strict; what a route set itself stays. What a program asks all day
/// is answered without: each header costs time on every decision, and no browser sees them. Refusals have them, because
/// some gateways hand them on.
package struct SecurityHeaders: Middleware {
    private static let contentPolicy = Response.Field(
        "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    private static let cacheControl = Response.Field("Cache-Control", "no-store")

    private let always: [Response.Field]

    /// - Parameter isHTTPS: whether people reach us by https, so that browsers may be told never to use http.
    package init(isHTTPS: Bool) {
        var fields = [
            Response.Field("X-Content-Type-Options", "nosniff"), Response.Field("X-Frame-Options", "DENY"),
            Response.Field("Referrer-Policy", "no-referrer"),
        ]
        if isHTTPS { fields.append(Response.Field("Strict-Transport-Security", "max-age=31536000; includeSubDomains")) }
        always = fields
    }

    package func complete(_ response: inout Response, to _: Request, _ match: RouteTable.Match) {
        if response.status == 200, match.isForPrograms {
            response.addUnlessPresent(Self.cacheControl)
        } else {
            apply(to: &response)
        }
    }

    package func apply(to response: inout Response) {
        response.addUnlessPresent(Self.contentPolicy)
        response.addUnlessPresent(Self.cacheControl)
        response.add(always)
    }
}
