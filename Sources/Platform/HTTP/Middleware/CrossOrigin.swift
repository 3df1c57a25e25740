/// Cross-origin access for browsers (the Fetch standard's CORS protocol): echoes an allowed origin exactly, never
/// `*` or `null`, with `Vary`, and answers preflights for paths that exist.
package struct CrossOrigin: Middleware {
    private let policy: OriginPolicy

    package init(policy: OriginPolicy) {
        self.policy = policy
    }

    package func complete(_ response: inout Response, to request: Request, _ match: RouteTable.Match) {
        // No browser sees it, unless a gateway hands a refusal on.
        if response.status == 200, match.isForPrograms { return }
        response.add("Vary", "Origin")
        guard let origin = request.headers["origin"], policy.allows(origin) else { return }
        response.add("Access-Control-Allow-Origin", origin)
        response.add("Access-Control-Allow-Credentials", "true")
        let isPreflight = request.method == .options && request.headers.contains("access-control-request-method")
        if isPreflight, response.status == 204 {
            response.add("Access-Control-Allow-Methods", response["Allow"] ?? "")
            response.add(
                "Access-Control-Allow-Headers",
                [
                    "Authorization", "Content-Type", "Idempotency-Key", "X-Gapura-Device", "X-Request-Id",
                    "X-Token-Delivery",
                    // Libraries for tracing add these to every request of a page.
                    "baggage", "sentry-trace", "traceparent", "tracestate",
                ].joined(separator: ", "))
            response.add("Access-Control-Max-Age", "600")
        } else {
            response.add(
                "Access-Control-Expose-Headers",
                "Idempotent-Replayed, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Gapura-Decision, X-Request-Id"
            )
        }
    }
}
