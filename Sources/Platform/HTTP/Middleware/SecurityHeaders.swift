/// Puts the headers on every answer that keep browsers strict; what a route set itself stays.
package struct SecurityHeaders: Middleware {
    private let isHTTPS: Bool

    /// - Parameter isHTTPS: whether people reach us by https, so that browsers may be told never to use http.
    package init(isHTTPS: Bool) {
        self.isHTTPS = isHTTPS
    }

    package func complete(_ response: inout Response, to _: Request, _: RouteTable.Match) {
        apply(to: &response)
    }

    package func apply(to response: inout Response) {
        if response["Content-Security-Policy"] == nil {
            response.add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        }
        if response["Cache-Control"] == nil { response.add("Cache-Control", "no-store") }
        response.add("X-Content-Type-Options", "nosniff")
        response.add("X-Frame-Options", "DENY")
        response.add("Referrer-Policy", "no-referrer")
        if isHTTPS { response.add("Strict-Transport-Security", "max-age=31536000; includeSubDomains") }
    }
}
