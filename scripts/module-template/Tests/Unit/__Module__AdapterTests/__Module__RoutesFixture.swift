import AuthorizationDoubles
import HTTP
import Idempotency
import IdempotencyDoubles
import JSON
import Shared
import TestSupport
import __Module__Application
import __Module__Contract
import __Module__Doubles

@testable import __Module__Infrastructure

/// The routes of __Module__ over its services and a store in memory, without a socket.
struct __Module__RoutesFixture: Sendable {
    let clock = ManualClock()
    let work = InMemory__Module__Work()
    private let router: Router

    /// The token `writer` may add, `reader` may not.
    init() throws {
        let origins = OriginPolicy(own: "http://localhost:8080", listed: [], allowsLocalhost: false)
        let gate = GateDouble(origins: origins) { token in
            let person = SequentialIdentifiers.identifier(900)
            let permissions: PermissionSet
            switch token {
            case "writer": permissions = PermissionSet([__Module__Permission.write.permission])
            case "reader": permissions = .empty
            default: return nil
            }
            return Principal(
                .session(person), of: person, permissions: permissions,
                client: ClientInfo(address: .loopback, userAgent: nil))
        }
        let routes = __Entity__Routes(
            create: Create__Entity__Service(work: work, clock: clock), read: Read__Entity__Service(work: work),
            gate: gate,
            idempotency: try .inMemory(clock: clock, identifiers: SequentialIdentifiers())
        ).routes
        let failures = FailureMapping(logger: .silent) { problem, _ in Response(status: problem.kind.status) }
        router = Router(routes: routes, middleware: [failures])
    }

    func get(_ path: String) async -> Response { await router.respond(to: Request(method: .get, path: path)) }

    func post(
        _ body: JSONValue, _ others: [(String, String)] = [], by token: String? = "writer"
    ) async -> Response {
        let credential = token.map { [("Authorization", "Bearer \($0)")] } ?? []
        return await router.respond(
            to: Request(
                method: .post, path: "/__path__",
                headers: Headers([("Content-Type", "application/json")] + credential + others), body: body.serialized))
    }
}
