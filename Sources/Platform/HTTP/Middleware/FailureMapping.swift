import Shared

/// Makes an answer of everything thrown: problems as they are, what is unavailable 503, the rest 500. The cause of
/// a failure goes to the log with the request's id, never to the caller.
package struct FailureMapping: Middleware {
    /// A problem as a page for people.
    package typealias ProblemPage = @Sendable (_ problem: Problem, _ request: Request) throws -> Response

    private let logger: Logger
    private let page: ProblemPage

    /// - Parameter page: used on routes that are pages.
    package init(logger: Logger, page: @escaping ProblemPage) {
        self.logger = logger
        self.page = page
    }

    package func recover(
        from error: any Error, _ request: Request, _ match: RouteTable.Match
    ) -> Response? {
        let problem = problem(for: error, requestID: request.id)
        if case .found(let route, _) = match, route.operation.isPage, request.wantsPage,
            let page = try? page(problem, request)
        {
            return page
        }
        return problem.response(requestID: request.id)
    }

    private func problem(for error: any Error, requestID: String) -> Problem {
        switch error {
        case let problem as Problem:
            return problem
        case let failure as Unavailable:
            logger.warning(
                "unavailable",
                [
                    "resource": .text(failure.resource), "reason": .text(failure.reason),
                    "request_id": .text(requestID),
                ])
            return .unavailable(retryAfter: failure.retryAfter)
        case is CancellationError:
            return Problem(.shuttingDown, headers: [("Retry-After", "1")])
        default:
            logger.error("request failed", ["cause": .text("\(error)"), "request_id": .text(requestID)])
            return Problem(.internalError)
        }
    }
}
