/// Cross-origin access for browsers (the Fetch standard's CORS protocol): echoes an allowed origin exactly, never
/// `*` or `null`, with `Vary`, and answers preflights for paths that exist.
package struct CrossOrigin: Middleware {
    private let policy: OriginPolicy

    package init(policy: OriginPolicy) {
        self.policy = policy
    }

    package func handle(
        _ request: Request, _ match: RouteTable.Match, _ next: MiddlewareNext
    ) async throws -> Response {
        var response = try await next(request, match)
        response.add("Vary", "Origin")
        guard let origin = request.headers["origin"], policy.allows(origin) else { return response }
        response.add("Access-Control-Allow-Origin", origin)
        response.add("Access-Control-Allow-Credentials", "true")
        let isPreflight = request.method == .options && request.headers.contains("access-control-request-method")
        if isPreflight, response.status == 204 {
            response.add("Access-Control-Allow-Methods", response["Allow"] ?? "")
            response.add(
                "Access-Control-Allow-Headers",
                "Authorization, Content-Type, Idempotency-Key, X-Request-Id, X-Token-Delivery, traceparent")
            response.add("Access-Control-Max-Age", "600")
        } else {
            response.add(
                "Access-Control-Expose-Headers",
                "Idempotent-Replayed, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id")
        }
        return response
    }
}
