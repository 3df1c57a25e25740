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

    package func reply(to request: consuming Request) -> Reply {
        let match = table.match(request.method, request.path)
        var entered = 0
        do {
            while entered < layers.count {
                try layers[entered].receive(&request, match)
                entered += 1
            }
            switch try Self.handling(of: &request, match) {
            case .immediate(let handler):
                return .now(complete(try handler(request), entered, request, match))
            case .attempting(let attempt, let handler):
                if let response = try attempt(request) { return .now(complete(response, entered, request, match)) }
                return later(request, match, handler)
            case .suspending(let handler):
                return later(request, match, handler)
            }
        } catch {
            return .now(recover(from: error, entered, request, match))
        }
    }

    private func later(_ request: Request, _ match: RouteTable.Match, _ handler: @escaping Handler) -> Reply {
        .later { [self] in
            do {
                return complete(try await handler(request), layers.count, request, match)
            } catch {
                return recover(from: error, layers.count, request, match)
            }
        }
    }

    package func refuse(_ reason: RequestRefusal) -> Response {
        switch reason {
        case .malformed(let text): refusal(Problem(.badRequest, text))
        case .bodyTooLarge(let limit): refusal(Problem(.bodyTooLarge, "A body may have at most \(limit) bytes"))
        case .draining: refusal(Problem(.shuttingDown, headers: [("Retry-After", "1")]))
        }
    }

    /// The answer after its way out.
    ///
    /// - Parameter layerCount: how many layers, the outermost ones, it passes.
    private func complete(
        _ response: consuming Response, _ layerCount: Int, _ request: Request, _ match: RouteTable.Match
    ) -> Response {
        for index in (0..<layerCount).reversed() { layers[index].complete(&response, to: request, match) }
        return response
    }

    /// The answer of the innermost layer that has one, after its way out.
    private func recover(
        from error: any Error, _ layerCount: Int, _ request: Request, _ match: RouteTable.Match
    ) -> Response {
        for index in (0..<layerCount).reversed() {
            if let response = layers[index].recover(from: error, request, match) {
                return complete(response, index, request, match)
            }
        }
        return Problem(.internalError).response(requestID: request.id)
    }

    private static func handling(of request: inout Request, _ match: RouteTable.Match) throws -> Route.Handling {
        switch match {
        case .found(let route, let values):
            request.pathValues = values
            return route.handling
        case .otherMethod(let allowed, _):
            let allow = allowed.map(\.rawValue).joined(separator: ", ")
            guard request.method == .options else {
                throw Problem(.methodNotAllowed, "Allowed here: \(allow)", headers: [("Allow", allow)])
            }
            return .immediate { _ in Response(status: 204, headers: [("Allow", allow)]) }
        case .everything where request.method == .options:
            let allow = Method.allCases.map(\.rawValue).joined(separator: ", ")
            return .immediate { _ in Response(status: 204, headers: [("Allow", allow)]) }
        case .unknown, .everything:
            throw Problem(.notFound)
        case .malformed:
            throw Problem(.badRequest, "The path has an escape that is not valid")
        }
    }
}
