import Shared

/// Makes an answer of everything thrown: problems as they are, what is unavailable 503, the rest 500. The cause of
/// a failure goes to the log with the request's id, never to the caller.
package struct FailureMapping: Middleware {
    private let logger: Logger

    package init(logger: Logger) {
        self.logger = logger
    }

    package func handle(
        _ request: Request, _ match: RouteTable.Match, _ next: MiddlewareNext
    ) async throws -> Response {
        do {
            return try await next(request, match)
        } catch let problem as Problem {
            return problem.response(requestID: request.id)
        } catch let failure as Unavailable {
            logger.warning(
                "unavailable",
                [
                    "resource": .text(failure.resource), "reason": .text(failure.reason),
                    "request_id": .text(request.id),
                ])
            return Problem.unavailable(retryAfter: failure.retryAfter).response(requestID: request.id)
        } catch is CancellationError {
            return Problem(.shuttingDown, headers: [("Retry-After", "1")]).response(requestID: request.id)
        } catch {
            logger.error("request failed", ["cause": .text("\(error)"), "request_id": .text(request.id)])
            return Problem(.internalError).response(requestID: request.id)
        }
    }
}
