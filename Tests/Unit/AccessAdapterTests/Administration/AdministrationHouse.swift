import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import AccountsContractDoubles
import Crypto
import HTTP
import HTTPSupport
import Idempotency
import IdempotencyDoubles
import JSON
import Lists
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

/// The routes of the administration over the real services and a store in memory.
struct AdministrationHouse: Sendable {
    let clock: ManualClock
    let work = InMemoryAccessWork()
    let users = UserAdministrationDouble()
    let assignments = RoleAssignmentsDouble()
    let standings = StandingDirectoryDouble()
    let accounts = AccountsFacadeDouble()
    let credentials = CredentialReaderDouble()
    let services = ServiceDirectoryDouble()
    let meter = MeterDouble()
    let usage = UsageReaderDouble()
    let auditLog = AuditLogSearchDouble()
    let decisions = DecisionLogDouble()
    let refusals = RecordedRefusalsDouble()
    let identifiers: any IdentifierSource
    let gate: RequestGate
    let routes: [Route]
    let router: Router

    static let appURL = "http://localhost:8080"

    init() throws {
        clock = ManualClock()
        identifiers = TimeOrderedIdentifierSource(clock: clock)
        let masterKey = try MasterKey(keys: [Secret([UInt8](repeating: 1, count: MasterKey.byteCount))])
        let useCases = AdministrationUseCases(
            work: work, users: users, standings: standings, services: services, meter: meter,
            usage: usage, auditLog: auditLog,
            explain: ExplainDecisionService(log: decisions, refusals: refusals, seal: DecisionSealDouble()),
            registry: .ofTests, digest: SHA256KeyDigest(),
            catalog: .standard, issuer: Self.appURL,
            clock: clock, identifiers: identifiers, random: SystemRandomSource())
        gate = RequestGate(
            accounts: accounts, credentials: credentials, standings: standings,
            cover: RuleOfCoverService(assignments: assignments, clock: clock),
            registry: .ofTests, origins: OriginPolicy(own: Self.appURL, listed: [], allowsLocalhost: false),
            clock: clock)
        routes = AdministrationRoutes.all(
            useCases, gate: gate,
            idempotency: try .inMemory(clock: clock, identifiers: identifiers),
            cursors: ListCursors(masterKey), clock: clock)
        router = Router(
            routes: routes,
            middleware: [FailureMapping(logger: .silent) { problem, _ in .text(problem.detail) }])
    }

    /// Somebody in Accounts.
    @discardableResult
    func user(_ name: String, isAdministrator: Bool = false) throws -> UserID {
        let id = identifiers.next(UserID.self)
        let email = try #require(EmailAddress("\(name)@example.com"))
        users.set(.sample(id, email: email, isAdministrator: isAdministrator, at: clock.now))
        return id
    }

    /// A token of somebody who may do this.
    func signIn(_ permissions: String..., as id: UserID? = nil, isGood: Bool = true) throws -> Client {
        try signIn(permissions: permissions, as: id, isGood: isGood)
    }

    func signIn(permissions: [String], as id: UserID? = nil, isGood: Bool = true) throws -> Client {
        let user = id ?? identifiers.next(UserID.self)
        stand(user, try PermissionSet(texts: permissions, field: ""), isGood: isGood)
        let token = "token-\(identifiers.next())"
        accounts.add(token: token, of: user)
        return Client(router: router, userID: user, credential: ("Authorization", "Bearer \(token)"))
    }

    func stand(_ user: UserID, _ permissions: PermissionSet, isGood: Bool = true) {
        standings.set(
            Standing(
                userID: user.value, isGood: isGood, email: nil, roles: ["tester"],
                rights: CallerRights(platform: permissions),
                plan: EffectivePlan(nil, catalog: .standard, at: clock.now)))
    }

    /// A key of somebody, which lists Gapura's own API.
    func key(_ scopes: String..., of owner: UserID, services: [String] = ["gapura"]) throws -> String {
        try key(scopes, of: owner, services: services)
    }

    func key(_ scopes: [String], of owner: UserID, services: [String] = ["gapura"]) throws -> String {
        let text = APIKeyText(random: SystemRandomSource())
        let key = APIKey(
            id: identifiers.next(), name: "key", prefix: text.prefix, hash: [1], owner: .user(owner.value, in: nil),
            services: try KeyServices(texts: services, field: ""), scopes: try PermissionSet(texts: scopes, field: ""),
            createdAt: clock.now, expiresAt: nil)
        credentials.add(key, text: text.text.reveal())
        return text.text.reveal()
    }

    /// A key of a service account that may do this, which lists Gapura's own API.
    func robotKey(
        _ scopes: [String], of account: ServiceAccountID, permissions: [String], isActive: Bool = true
    ) throws -> String {
        standings.set(
            ServiceAccountStanding(
                id: account, isActive: isActive, roles: ["robots"],
                rights: CallerRights(platform: try PermissionSet(texts: permissions, field: "")),
                plan: EffectivePlan(nil, catalog: .standard, at: clock.now)))
        let text = APIKeyText(random: SystemRandomSource())
        let key = APIKey(
            id: identifiers.next(), name: "robot", prefix: text.prefix, hash: [1], owner: .serviceAccount(account),
            services: KeyServices([.gapura]), scopes: try PermissionSet(texts: scopes, field: ""),
            createdAt: clock.now, expiresAt: nil)
        credentials.add(key, text: text.text.reveal())
        work.arrange { $0.apiKeys[key.id] = key }
        return text.text.reveal()
    }

    func gatewayKey(_ services: String...) throws -> String {
        let text = APIKeyText(random: SystemRandomSource())
        let services = try KeyServices(texts: services, field: "")
        let key = APIKey(
            id: identifiers.next(), name: "gateway", prefix: text.prefix, hash: [1], owner: .platform,
            services: services, scopes: services.checks, createdAt: clock.now, expiresAt: nil)
        credentials.add(key, text: text.text.reveal())
        return text.text.reveal()
    }

    func client(_ headers: (String, String)...) -> Client {
        Client(
            router: router, userID: identifiers.next(), credential: headers.first, others: Array(headers.dropFirst()))
    }
}

/// Somebody who calls the routes, without a socket.
struct Client: Sendable {
    let router: Router
    let userID: UserID
    let credential: (String, String)?
    var others: [(String, String)] = []

    func send(
        _ method: Method, _ target: String, _ body: JSONValue? = nil, _ headers: [(String, String)] = []
    ) async -> Response {
        let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
        let content = body == nil ? [] : [("Content-Type", "application/json")]
        return await send(
            method, parts[0], parts.count == 2 ? parts[1] : nil, content + headers, body?.serialized ?? [])
    }

    /// With a body of any kind.
    func send(
        _ method: Method, _ path: String, _ query: String? = nil, _ headers: [(String, String)], _ body: [UInt8]
    ) async -> Response {
        await router.respond(
            to: Request(
                method: method, path: path, query: query,
                headers: Headers([credential].compactMap { $0 } + others + headers), body: body))
    }

    func get(_ target: String) async -> Response { await send(.get, target) }
    func post(_ path: String, _ body: JSONValue? = nil, _ headers: [(String, String)] = []) async -> Response {
        await send(.post, path, body, headers)
    }
    func put(_ path: String, _ body: JSONValue) async -> Response { await send(.put, path, body) }
    func patch(_ path: String, _ body: JSONValue) async -> Response { await send(.patch, path, body) }
    func delete(_ path: String) async -> Response { await send(.delete, path) }
}

func withAdministrationHouse(_ body: (AdministrationHouse) async throws -> Void) async throws {
    try await body(try AdministrationHouse())
}
