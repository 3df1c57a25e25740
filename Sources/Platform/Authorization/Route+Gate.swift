import HTTP
import Idempotency
import Shared

extension Route {
    /// A route behind the gate. Who may call is said here alone: the document gets it from `needs`, with the refusals.
    ///
    /// Who calls is found out before anything is read: only those who may send a body hear what is wrong with it.
    ///
    /// - Parameters:
    ///   - operation: without what `needs`, `reads` and the mechanisms around a route add.
    ///   - stepUp: what it asks of the session.
    ///   - reads: the handler gets what was read.
    package init<Value: Sendable>(
        _ method: Method, _ path: PathTemplate, _ operation: HTTP.Operation, needs need: Need,
        stepUp: StepUpNeed = .none, gate: any Gate, reads content: RequestContent<Value>,
        handler:
            @escaping @Sendable (
                _ request: Request, _ content: Value, _ principal: Principal
            ) async throws -> Response
    ) {
        self.init(method, path, content.describe(operation.guarded(by: need, stepUp))) { request in
            let principal = try await gate.admit(request, needing: need)
            try await gate.require(stepUp, of: principal)
            return try await handler(request, try content.read(request), principal)
        }
    }

    /// The same for a route that reads nothing but the path.
    package init(
        _ method: Method, _ path: PathTemplate, _ operation: HTTP.Operation, needs need: Need,
        stepUp: StepUpNeed = .none, gate: any Gate,
        handler: @escaping @Sendable (_ request: Request, _ principal: Principal) async throws -> Response
    ) {
        self.init(method, path, operation, needs: need, stepUp: stepUp, gate: gate, reads: .nothing) {
            request, _, principal in try await handler(request, principal)
        }
    }

    /// The same with an `Idempotency-Key`, for what makes something.
    ///
    /// - Parameters:
    ///   - secrets: members of the answer that are shown once.
    ///   - handler: makes something under the given identifier, or answers with what is there under it; see
    ///     `IdempotencyKeys`.
    package init<Value: Sendable>(
        _ method: Method, _ path: PathTemplate, _ operation: HTTP.Operation, needs need: Need,
        stepUp: StepUpNeed = .none, gate: any Gate, once keys: IdempotencyKeys, secrets: Set<String> = [],
        reads content: RequestContent<Value>,
        handler:
            @escaping @Sendable (
                _ content: Value, _ principal: Principal, _ resourceID: Identifier
            ) async throws -> Response
    ) {
        self.init(
            method, path, operation, needs: need, stepUp: stepUp, gate: gate, once: keys, secrets: secrets,
            reads: content, admit: { _ in }
        ) { _, content, principal, resourceID in try await handler(content, principal, resourceID) }
    }

    /// The same for what also counts for a limit, or needs more of the request than what is read.
    ///
    /// - Parameter admit: throws to refuse, and changes nothing.
    package init<Value: Sendable>(
        _ method: Method, _ path: PathTemplate, _ operation: HTTP.Operation, needs need: Need,
        stepUp: StepUpNeed = .none, gate: any Gate, once keys: IdempotencyKeys, secrets: Set<String> = [],
        reads content: RequestContent<Value>,
        admit: @escaping @Sendable (_ principal: Principal) async throws -> Void,
        handler:
            @escaping @Sendable (
                _ request: Request, _ content: Value, _ principal: Principal, _ resourceID: Identifier
            ) async throws -> Response
    ) {
        self.init(
            method, path, content.describe(operation.guarded(by: need, stepUp)), once: keys, secrets: secrets,
            admit: { request in
                let principal = try await gate.admit(request, needing: need)
                try await gate.require(stepUp, of: principal)
                let value = try content.read(request)
                try await admit(principal)
                return (principal.idempotencyCaller, (principal, value))
            },
            handler: { request, admitted, resourceID in
                try await handler(request, admitted.1, admitted.0, resourceID)
            })
    }
}

extension Principal {
    /// Never changed: keys that are stored are known by it.
    fileprivate var idempotencyCaller: IdempotencyCaller {
        switch credential {
        case .session: .subject("user:\(userID)")
        case .apiKey(let id, _): .subject("api_key:\(id)")
        }
    }
}
