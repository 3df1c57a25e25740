import Shared

/// Serves routes through middleware: finds the route first, so that every middleware knows it.
package struct Router: HTTPApplication {
    private let table: RouteTable
    private let layers: [any Middleware]
    private let refusal: @Sendable (Problem) -> Response

    /// - Parameters:
    ///   - middleware: the first is the outermost; it sees unknown paths too.
    ///   - refusal: makes the answer to what the server refuses before there is a request.
    package init(
        routes: [Route], middleware: [any Middleware],
        refusal: @escaping @Sendable (Problem) -> Response = { $0.response(requestID: "-") }
    ) {
        table = RouteTable(routes)
        layers = middleware
        self.refusal = refusal
    }

    package func respond(to request: consuming Request) async -> Response {
        let match = table.match(request.method, request.path)
        var entered = 0
        var response: Response
        do {
            while entered < layers.count {
                try layers[entered].receive(&request, match)
                entered += 1
            }
            response = try await Self.answer(&request, match)
        } catch {
            response = recover(from: error, &entered, request, match)
        }
        while entered > 0 {
            entered -= 1
            layers[entered].complete(&response, to: request, match)
        }
        return response
    }

    package func refuse(_ reason: RequestRefusal) -> Response {
        switch reason {
        case .malformed(let text): refusal(Problem(.badRequest, text))
        case .bodyTooLarge(let limit): refusal(Problem(.bodyTooLarge, "A body may have at most \(limit) bytes"))
        case .draining: refusal(Problem(.shuttingDown, headers: [("Retry-After", "1")]))
        }
    }

    /// The answer of the innermost layer that has one.
    ///
    /// - Parameter entered: how many layers the error passes; afterwards, how many the answer has to pass.
    private func recover(
        from error: any Error, _ entered: inout Int, _ request: Request, _ match: RouteTable.Match
    ) -> Response {
        while entered > 0 {
            entered -= 1
            if let response = layers[entered].recover(from: error, request, match) { return response }
        }
        return Problem(.internalError).response(requestID: request.id)
    }

    private static func answer(_ request: inout Request, _ match: RouteTable.Match) async throws -> Response {
        switch match {
        case .found(let route, let values):
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
