import AccountsApplication
import AccountsContract
import HTTP
import Shared

/// Finds out who calls, from a bearer token or, for browsers, the session cookie.
struct Authenticator: Sendable {
    static let sessionCookie = "gapura_session"

    let authenticate: any Authenticate
    let origins: OriginPolicy

    /// - Throws: a problem 401 if nobody is signed in, 403 if the cookie comes from a foreign origin.
    func caller(of request: Request) async throws -> Caller {
        switch request.headers.authorization {
        case .absent: break
        case .bearer(let token):
            guard let caller = try await authenticate(accessToken: token) else { throw Problem.invalidAccessToken }
            return caller
        case .other: throw Problem.invalidAccessToken
        }
        guard let token = request.cookie(Self.sessionCookie), let caller = try await authenticate(accessToken: token)
        else { throw Problem.unauthenticated(.unauthenticated) }
        guard origins.allowsCookie(of: request) else { throw Problem(.originNotAllowed) }
        return caller
    }

    /// Who calls a route that needs nobody; a credential that does not count is none.
    func callerIfAny(of request: Request) async throws -> Caller? {
        do {
            return try await caller(of: request)
        } catch is Problem {
            return nil
        }
    }
}

extension Route {
    /// A route for people who are signed in.
    init(
        _ method: Method, _ path: PathTemplate, _ operation: HTTP.Operation, signedInBy authenticator: Authenticator,
        handler: @escaping @Sendable (_ request: Request, _ caller: Caller) async throws -> Response
    ) {
        self.init(method, path, operation) { request in
            try await handler(request, try await authenticator.caller(of: request))
        }
    }
}

extension Route {
    /// A route with a query for people who are signed in.
    init<Query: Input>(
        _ method: Method, _ path: PathTemplate, _ operation: HTTP.Operation, query: Query.Type,
        signedInBy authenticator: Authenticator,
        handler: @escaping @Sendable (_ request: Request, _ query: Query, _ caller: Caller) async throws -> Response
    ) {
        self.init(method, path, operation, query: query) { request, query in
            try await handler(request, query, try await authenticator.caller(of: request))
        }
    }

    /// A route with a body for people who are signed in; who calls is found out before the body is read.
    init<Body: Input>(
        _ method: Method, _ path: PathTemplate, _ operation: HTTP.Operation, body: Body.Type,
        signedInBy authenticator: Authenticator,
        handler: @escaping @Sendable (_ request: Request, _ body: Body, _ caller: Caller) async throws -> Response
    ) {
        self.init(method, path, operation.withBody(body)) { request in
            let caller = try await authenticator.caller(of: request)
            return try await handler(request, try request.read(body), caller)
        }
    }
}

extension Request {
    var client: ClientInfo { client(knownDevice: nil) }

    func client(knownDevice: Identifier?) -> ClientInfo {
        ClientInfo(address: clientAddress, userAgent: headers["user-agent"], knownDevice: knownDevice)
    }
}
