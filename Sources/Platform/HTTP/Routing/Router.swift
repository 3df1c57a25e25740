import Shared

/// Serves routes through middleware: finds the route first, so that every middleware knows it.
package struct Router: HTTPApplication {
    private let table: RouteTable
    private let chain: MiddlewareNext
    private let refusal: @Sendable (Problem) -> Response

    /// - Parameters:
    ///   - middleware: the first is the outermost; it sees unknown paths too.
    ///   - refusal: makes the answer to what the server refuses before there is a request.
    package init(
        routes: [Route], middleware: [any Middleware],
        refusal: @escaping @Sendable (Problem) -> Response = { $0.response(requestID: "-") }
    ) {
        table = RouteTable(routes)
        self.refusal = refusal
        // Not by `reduce`: closures that pass through a generic function are wrapped, which every request would pay.
        var chain: MiddlewareNext = Self.finish
        for layer in middleware.reversed() {
            chain = { [next = chain] request, match in try await layer.handle(request, match, next) }
        }
        self.chain = chain
    }

    package func respond(to request: Request) async -> Response {
        let match = table.match(request.method, request.path)
        do {
            return try await chain(request, match)
        } catch {
            return Problem(.internalError).response(requestID: request.id)
        }
    }

    package func refuse(_ reason: RequestRefusal) -> Response {
        switch reason {
        case .malformed(let text): refusal(Problem(.badRequest, text))
        case .bodyTooLarge(let limit): refusal(Problem(.bodyTooLarge, "A body may have at most \(limit) bytes"))
        case .draining: refusal(Problem(.shuttingDown, headers: [("Retry-After", "1")]))
        }
    }

    @Sendable private static func finish(_ request: Request, _ match: RouteTable.Match) async throws -> Response {
        switch match {
        case .found(let route, let values):
            guard !values.isEmpty else { return try await route.handler(request) }
            var request = request
            request.pathValues = values
            return try await route.handler(request)
        case .otherMethod(let allowed, _):
            let allow = allowed.map(\.rawValue).joined(separator: ", ")
            if request.method == .options { return Response(status: 204, headers: [("Allow", allow)]) }
            throw Problem(.methodNotAllowed, "Allowed here: \(allow)", headers: [("Allow", allow)])
        case .unknown:
            throw Problem(.notFound)
        case .malformed:
            throw Problem(.badRequest, "The path has an escape that is not valid")
        }
    }
}
