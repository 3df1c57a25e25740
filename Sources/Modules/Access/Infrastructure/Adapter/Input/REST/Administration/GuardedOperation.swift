import AccessApplication
import AccessDomain
import HTTP
import Idempotency
import Shared

/// An operation of the administration with the right that it needs.
struct GuardedOperation: Sendable {
    let operation: HTTP.Operation
    /// Nil if being signed in is enough.
    let permission: Permission?

    /// - Parameter isForKeys: false if API keys are refused whatever they may.
    init(
        _ id: String, _ summary: String, tag: String, needs permission: Permission?, isForKeys: Bool = true,
        answers: [Answer]
    ) {
        let takesKeys = isForKeys && permission.map(GapuraPermission.isForKeys) ?? true
        let refusals: [Answer] =
            [.problem(.accountBlocked)] + (permission == nil && takesKeys ? [] : [.problem(.permissionDenied)])
        operation = HTTP.Operation(
            id, permission.map { "\(summary); needs `\($0)`" } ?? summary, tag: tag,
            security: takesKeys ? .signedInOrKey : .signedIn, answers: answers + refusals)
        self.permission = permission
    }
}

extension Route {
    /// A route of the administration.
    init(
        _ method: Method, _ path: PathTemplate, _ guarded: GuardedOperation, _ gate: AdministratorGate,
        handler: @escaping @Sendable (_ request: Request, _ administrator: Administrator) async throws -> Response
    ) {
        self.init(method, path, guarded.operation) { request in
            try await handler(request, try await gate.administrator(of: request, needing: guarded.permission))
        }
    }

    /// With a query; who calls is found out before it is read.
    init<Query: Input>(
        _ method: Method, _ path: PathTemplate, _ guarded: GuardedOperation, query: Query.Type,
        _ gate: AdministratorGate,
        handler:
            @escaping @Sendable (
                _ request: Request, _ query: Query, _ administrator: Administrator
            ) async throws -> Response
    ) {
        self.init(method, path, guarded.operation.withQuery(query)) { request in
            let administrator = try await gate.administrator(of: request, needing: guarded.permission)
            return try await handler(request, try request.readQuery(query), administrator)
        }
    }

    /// With a body; who calls is found out before it is read.
    init<Body: Input>(
        _ method: Method, _ path: PathTemplate, _ guarded: GuardedOperation, body: Body.Type,
        _ gate: AdministratorGate,
        handler:
            @escaping @Sendable (
                _ request: Request, _ body: Body, _ administrator: Administrator
            ) async throws -> Response
    ) {
        self.init(method, path, guarded.operation.withBody(body)) { request in
            let administrator = try await gate.administrator(of: request, needing: guarded.permission)
            return try await handler(request, try request.read(body), administrator)
        }
    }

    /// With a body and an `Idempotency-Key`: makes something under the given identifier, or answers with what is
    /// there under it.
    ///
    /// - Parameter secrets: members of the answer that are shown once.
    init<Body: Input>(
        _ method: Method, _ path: PathTemplate, _ guarded: GuardedOperation, once keys: IdempotencyKeys,
        secrets: Set<String> = [], body: Body.Type, _ gate: AdministratorGate,
        handler:
            @escaping @Sendable (
                _ body: Body, _ administrator: Administrator, _ resourceID: Identifier
            ) async throws -> Response
    ) {
        self.init(
            method, path, guarded, guarded.operation.withBody(body), once: keys, secrets: secrets, gate,
            read: { try $0.read(body) }, handler: handler)
    }

    /// The same with text, which the handler reads itself.
    init(
        _ method: Method, _ path: PathTemplate, _ guarded: GuardedOperation, once keys: IdempotencyKeys,
        text: TextBody, _ gate: AdministratorGate,
        handler:
            @escaping @Sendable (
                _ text: [UInt8], _ administrator: Administrator, _ resourceID: Identifier
            ) async throws -> Response
    ) {
        self.init(
            method, path, guarded, guarded.operation.withBody(text), once: keys, gate, read: { try $0.read(text) },
            handler: handler)
    }

    private init<Body: Sendable>(
        _ method: Method, _ path: PathTemplate, _ guarded: GuardedOperation, _ operation: HTTP.Operation,
        once keys: IdempotencyKeys, secrets: Set<String> = [], _ gate: AdministratorGate,
        read: @escaping @Sendable (_ request: Request) throws -> Body,
        handler: @escaping @Sendable (Body, Administrator, Identifier) async throws -> Response
    ) {
        self.init(
            method, path, operation, once: keys, secrets: secrets,
            admit: { request in
                let administrator = try await gate.administrator(of: request, needing: guarded.permission)
                return (administrator.idempotencyCaller, (administrator, try read(request)))
            },
            handler: { _, admitted, resourceID in try await handler(admitted.1, admitted.0, resourceID) })
    }
}

extension Administrator {
    fileprivate var idempotencyCaller: IdempotencyCaller {
        switch credential {
        case .session: .subject("user:\(userID)")
        case .apiKey(let id, _): .subject("api_key:\(id)")
        }
    }
}

extension Request {
    /// The identifier in the path; what is none is of nothing that there is.
    ///
    /// - Parameter index: which of the placeholders.
    func pathID<ID: EntityID>(_ index: Int = 0, as _: ID.Type = ID.self) throws(Problem) -> ID {
        guard pathValues.indices.contains(index), let id = ID(text: pathValues[index]) else {
            throw Problem(.notFound)
        }
        return id
    }
}

extension Response {
    /// 201 with the address of what was made.
    static func created<T: Output>(_ output: T, at location: String) -> Response {
        var response = Response.json(output, status: 201)
        response.set("Location", location)
        return response
    }
}
