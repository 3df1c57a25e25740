import AccountsApplication
import AccountsContract
import AccountsDomain
import Authorization
import AuthorizationDoubles
import Composition
import HTTP
import HTTPSupport
import JSON
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

/// The routes of the administration of users, with people of any permission behind the gate.
struct StaffFixture: Sendable {
    let accounts: AccountsFixture
    let useCases: AccountsUseCases
    private let routes: [Route]

    private static let settings = ["RATE_LIMIT": "off"]

    init() throws {
        accounts = try AccountsFixture()
        useCases = try accounts.useCases(Self.settings)
        routes = try accounts.routes(Self.settings, useCases) { Staff.principal(behind: $0) }
    }

    /// - Parameter importUsers: instead of the real import.
    init(importUsers: @escaping UserImportRoutes.Import) throws {
        accounts = try AccountsFixture()
        useCases = try accounts.useCases(Self.settings)
        routes =
            UserImportRoutes(
                importUsers: importUsers,
                gate: GateDouble(origins: accounts.dependencies.origins) { Staff.principal(behind: $0) },
                idempotency: accounts.dependencies.idempotency, bodyLimit: .mebibytes(1)
            ).routes
    }

    func signIn(_ permissions: String...) -> Staff {
        Staff(client: RESTClient(routes), token: permissions.joined(separator: " "))
    }

    /// An account that is there, proved.
    func user(_ name: String, isAdministrator: Bool = false) async throws -> UserID {
        let command = CreateUserCommand(
            id: accounts.identifiers.next(), email: try #require(EmailAddress("\(name)@example.com")), isVerified: true,
            actor: Staff.principal(behind: "*:*"))
        let id = command.id
        guard case .created = try await useCases.manageUsers(GateCover(gate: NoGate())).create(command) else {
            throw InternalFailure("\(name) was not made")
        }
        if isAdministrator {
            _ = try await useCases.userAdministration.setAdministrator(true, of: id, by: command.actor)
        }
        return id
    }
}

/// Accounts are made without a look at anybody's rights.
private struct NoGate: Gate {
    func admit(_ request: Request, needing need: Need) async throws -> Principal { throw Problem.noCredential }
    func require(_ need: StepUpNeed, of principal: Principal) async throws { throw Problem.noCredential }
    func requireAdministration(of principal: Principal) async throws { throw Problem.noCredential }
    func mayAct(_ principal: Principal, on user: Identifier, isAdministrator: Bool) throws -> Bool { false }
}

/// Somebody who calls the routes; the token says what they may do.
struct Staff: Sendable {
    let client: RESTClient
    let token: String

    static let id = SequentialIdentifiers.identifier(900)

    static func principal(behind token: String) -> Principal {
        let permissions = token.split(separator: " ").compactMap { Permission(String($0)) }
        return Principal(
            .session(id), of: id, permissions: PermissionSet(permissions), client: Person.client)
    }

    func send(
        _ method: HTTP.Method, _ target: String, _ body: JSONValue? = nil, _ headers: [(String, String)] = []
    ) async -> Response {
        let content = body == nil ? [] : [("Content-Type", "application/json")]
        return await send(method, target, content + headers, bytes: body?.serialized ?? [])
    }

    func send(
        _ method: HTTP.Method, _ target: String, _ headers: [(String, String)], bytes: [UInt8]
    ) async -> Response {
        await client.send(method, target, [("Authorization", "Bearer \(token)")] + headers, bytes)
    }

    func get(_ target: String) async -> Response { await send(.get, target) }
    func post(_ path: String, _ body: JSONValue? = nil, _ headers: [(String, String)] = []) async -> Response {
        await send(.post, path, body, headers)
    }
    func patch(_ path: String, _ body: JSONValue) async -> Response { await send(.patch, path, body) }
    func delete(_ path: String) async -> Response { await send(.delete, path) }
}
