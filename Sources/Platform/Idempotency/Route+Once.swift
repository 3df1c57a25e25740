import HTTP
import Shared

extension Route {
    /// A route that takes an `Idempotency-Key`, for what creates or moves money or goods.
    ///
    /// Who is not admitted costs nothing: only behind `admit` the key is looked at and anything written.
    ///
    /// - Parameters:
    ///   - operation: told with the header and its problems.
    ///   - secrets: members of the JSON answer that are shown once; they are not stored.
    ///   - admit: finds out who calls and whether he may: authenticates, reads the body, counts for limits. It throws
    ///     to refuse, and changes nothing. Its second value is for the handler.
    ///   - handler: makes something under the given identifier, or answers with what is there under it; see
    ///     `IdempotencyKeys`.
    package init<Admitted: Sendable>(
        _ method: Method, _ path: PathTemplate, _ operation: Operation, once keys: IdempotencyKeys,
        secrets: Set<String> = [],
        admit: @escaping @Sendable (_ request: Request) async throws -> (IdempotencyCaller, Admitted),
        handler:
            @escaping @Sendable (
                _ request: Request, _ admitted: Admitted, _ resourceID: Identifier
            ) async throws -> Response
    ) {
        let route = "\(method.rawValue) \(path)"
        self.init(method, path, operation.idempotent()) { request in
            let (caller, admitted) = try await admit(request)
            return try await keys.answer(request, route: route, caller: caller, secrets: secrets) { resourceID in
                try await handler(request, admitted, resourceID)
            }
        }
    }
}
