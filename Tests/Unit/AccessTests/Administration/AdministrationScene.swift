import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import AccountsContractDoubles
import Shared
import TestSupport
import Testing

/// The use cases of the administration over doubles.
struct AdministrationScene: Sendable {
    let clock = ManualClock()
    let identifiers = SequentialIdentifiers()
    let work = InMemoryAccessWork()
    let users = UserAdministrationDouble()
    let standings = StandingDirectoryDouble()
    let meter = MeterDouble()
    let usage = UsageReaderDouble()
    let services = ServiceDirectoryDouble()
    private let secrets = SeededRandom(seed: 77)
    static let client = ClientInfo(address: NetworkAddress(ipv4: 0xC000_0201), userAgent: "Test/1")

    var manageRoles: ManageRolesService {
        ManageRolesService(work: work, registry: .ofTests, clock: clock)
    }
    var manageUserRoles: ManageUserRolesService { ManageUserRolesService(work: work, users: users, clock: clock) }
    var manageServices: ManageServicesService {
        ManageServicesService(
            work: work, registry: .ofTests, issuer: "https://id.example.com", clock: clock)
    }
    var manageKeys: ManageAPIKeysService {
        ManageAPIKeysService(
            work: work, users: users, registry: .ofTests, digest: KeyDigestDouble(), random: SeededRandom(),
            clock: clock)
    }
    var changeKey: ChangeAPIKeyService { ChangeAPIKeyService(work: work, users: users, clock: clock) }
    var rotateKey: RotateAPIKeyService {
        RotateAPIKeyService(work: work, digest: KeyDigestDouble(), random: secrets, clock: clock)
    }
    var manageEntitlements: ManageEntitlementsService {
        ManageEntitlementsService(
            work: work, users: users, catalog: .standard, clock: clock, identifiers: identifiers)
    }
    var manageServiceAccounts: ManageServiceAccountsService {
        ManageServiceAccountsService(work: work, meter: meter, clock: clock)
    }
    var readUsage: ReadUsageService {
        ReadUsageService(
            work: work, meter: meter, reader: usage, services: services, standings: standings, clock: clock)
    }

    var now: Timestamp { clock.now }

    static func set(_ permissions: String...) throws -> PermissionSet {
        try PermissionSet(texts: permissions, field: "permissions")
    }

    func standing(_ userID: Identifier, _ permissions: PermissionSet, _ entitlement: Entitlement? = nil) -> Standing {
        Standing(
            userID: userID, isGood: true, email: nil, roles: [], rights: CallerRights(platform: permissions),
            plan: EffectivePlan(entitlement, catalog: .standard, at: now))
    }

    /// Somebody signed in who may do this.
    func administrator(
        _ permissions: PermissionSet = .all, id: Identifier = SequentialIdentifiers.identifier(900)
    ) -> Principal {
        Principal(.session(id), of: id, permissions: permissions, client: Self.client)
    }

    /// A key of somebody who may do this, with all of it in its scopes.
    func program(
        _ permissions: PermissionSet, of owner: Identifier = SequentialIdentifiers.identifier(900),
        isServiceAccount: Bool = false
    ) -> Principal {
        Principal(
            .apiKey(SequentialIdentifiers.identifier(901), prefix: "abcdefghij"), of: owner,
            isServiceAccount: isServiceAccount, permissions: permissions, client: Self.client)
    }

    /// A user in Accounts.
    @discardableResult
    func user(_ name: String, isAdministrator: Bool = false) throws -> UserID {
        let id = identifiers.next(UserID.self)
        let email = try #require(EmailAddress("\(name)@example.com"))
        users.set(.sample(id, email: email, isAdministrator: isAdministrator, at: now))
        return id
    }

    /// A service that is there.
    @discardableResult
    func service(_ slug: String, _ change: (inout ServiceRules) -> Void = { _ in }) throws -> RegisteredService {
        var rules = ServiceRules(name: slug, audience: slug, upstream: "http://127.0.0.1:9000", routes: [])
        change(&rules)
        let service = RegisteredService(
            id: identifiers.next(), slug: try #require(ServiceSlug(slug)), rules: rules, createdAt: now, updatedAt: now)
        work.arrange { $0.services[service.id] = service }
        return service
    }

    /// A service account that is there.
    @discardableResult
    func serviceAccount(_ name: String = "robot", roles: Role...) -> ServiceAccount {
        let account = ServiceAccount(id: identifiers.next(), name: name, createdAt: now, updatedAt: now)
        work.arrange { store in
            store.serviceAccounts[account.id] = account
            store.serviceAccountRoles[account.id] = Set(roles.map(\.id))
        }
        return account
    }

    /// A role that is there.
    @discardableResult
    func role(_ name: String, _ permissions: PermissionSet, heldBy holders: UserID...) -> Role {
        let role = Role(
            id: identifiers.next(), tenantID: nil, name: name, permissions: permissions, createdAt: now,
            updatedAt: now)
        work.arrange { store in
            store.roles[role.id] = role
            for holder in holders { store.userRoles[holder.value, default: []].insert(role.id) }
        }
        return role
    }
}
