import AccountsApplication
import AccountsContract
import AccountsDomain
import Authorization
import AuthorizationDoubles
import Composition
import DatabaseSupport
import HTTP
import JSON
import SQL
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

/// The routes of the administration of users, with people of any permission behind the gate.
struct StaffHouse: Sendable {
    let house: AccountsHouse
    let useCases: AccountsUseCases
    private let routes: [Route]

    /// - Parameter importUsers: instead of the real import.
    init(_ house: AccountsHouse, importUsers: UserImportRoutes.Import? = nil) async throws {
        self.house = house
        let (adapters, settings) = (try await house.adapters(), try AccountsHouse.settings(["RATE_LIMIT": "off"]))
        let dependencies = try house.dependencies()
        useCases = AccountsUseCases(adapters, settings, dependencies)
        let gate = GateDouble(origins: OriginPolicy(own: AccountsHouse.appURL, listed: [], allowsLocalhost: false)) {
            Staff.principal(behind: $0)
        }
        routes =
            if let importUsers {
                UserImportRoutes(
                    importUsers: importUsers, gate: gate, idempotency: dependencies.idempotency,
                    bodyLimit: .mebibytes(1)
                ).routes
            } else {
                AccountsRoutes.all(useCases, adapters, settings, dependencies, gate)
            }
    }

    func signIn(_ permissions: String...) -> Staff {
        Staff(client: RESTClient(routes), token: permissions.joined(separator: " "))
    }

    /// An account that is there, proved.
    func user(_ name: String, isAdministrator: Bool = false) async throws -> UserID {
        let command = CreateUserCommand(
            id: house.identifiers.next(), email: try #require(EmailAddress("\(name)@example.com")), isVerified: true,
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

func withStaffHouse(
    importUsers: UserImportRoutes.Import? = nil, _ body: (StaffHouse) async throws -> Void
) async throws {
    try await withDatabase(.sqlite, AccountsHouse.schemas) { database in
        try await body(
            try await StaffHouse(try AccountsHouse(database, clock: ManualClock()), importUsers: importUsers))
    }
}
