import AccessApplication
import AccessContract
import AccessDomain
import Shared
import TestSupport

/// Units of work come one after the other here, so there is nothing to wait for in any `lock`.
struct InMemoryServiceRepository: ServiceRepository {
    let context: InMemoryContext<AccessStore>

    func all() throws -> [RegisteredService] { context.store.services.values.sorted { $0.slug < $1.slug } }

    func find(_ slug: ServiceSlug) throws -> RegisteredService? {
        context.store.services.values.first { $0.slug == slug }
    }

    func lock(_ slug: ServiceSlug) throws -> RegisteredService? { try find(slug) }

    func insert(_ service: RegisteredService) throws -> Bool {
        try context.change { store in
            guard !store.services.values.contains(where: { $0.slug == service.slug }) else { return false }
            store.services[service.id] = service
            return true
        }
    }

    func update(_ service: RegisteredService) throws {
        try context.change { store in
            guard store.services[service.id] != nil else { return }
            store.services[service.id] = service
        }
    }

    func isAudienceTaken(_ audience: String, except id: ServiceID) throws -> Bool {
        context.store.services.values.contains { $0.id != id && $0.audience == audience }
    }

    func delete(_ id: ServiceID) throws { try context.change { $0.services[id] = nil } }
}

struct InMemoryRoleRepository: RoleRepository {
    let context: InMemoryContext<AccessStore>

    func all() throws -> [Role] {
        context.store.roles.values.filter { $0.tenantID == nil }.sorted { $0.name < $1.name }
    }

    func find(_ id: RoleID) throws -> Role? { context.store.roles[id] }

    func lock(_ id: RoleID) throws -> Role? { try find(id) }

    func insert(_ role: Role) throws -> Bool {
        try context.change { store in
            guard !store.isTaken(role) else { return false }
            store.roles[role.id] = role
            return true
        }
    }

    func update(_ role: Role) throws -> Bool {
        try context.change { store in
            guard !store.isTaken(role) else { return false }
            if store.roles[role.id] != nil { store.roles[role.id] = role }
            return true
        }
    }

    func lockAll(granting permission: Permission) throws -> [Role] {
        context.store.roles.values.filter { !$0.isBuiltIn && $0.permissions.permissions.contains(permission) }
            .sorted { $0.id < $1.id }
    }

    func delete(_ id: RoleID) throws {
        try context.change { store in
            store.roles[id] = nil
            for user in store.userRoles.keys { store.userRoles[user]?.remove(id) }
            for account in store.serviceAccountRoles.keys { store.serviceAccountRoles[account]?.remove(id) }
        }
    }

    func roles(of userID: Identifier) throws -> [Role] {
        let ids = context.store.userRoles[userID] ?? []
        return ids.compactMap { context.store.roles[$0] }.sorted { $0.name < $1.name }
    }

    func lockRoles(of userID: Identifier) throws -> [Role] { try roles(of: userID) }

    func setRoles(of userID: Identifier, to roles: [RoleID], at now: Timestamp) throws {
        try context.change { $0.userRoles[userID] = Set(roles) }
    }

    func holderCount(_ id: RoleID) throws -> Int {
        let store = context.store
        return (Array(store.userRoles.values) + store.serviceAccountRoles.values).count { $0.contains(id) }
    }

    func assignments() throws -> [RoleAssignment] {
        context.store.userRoles.sorted { $0.key < $1.key }.flatMap { userID, roles in
            roles.sorted().compactMap { context.store.roles[$0].map { RoleAssignment(userID: userID, role: $0) } }
        }
    }
}

extension AccessStore {
    fileprivate func isTaken(_ role: Role) -> Bool {
        roles.values.contains { $0.id != role.id && $0.tenantID == role.tenantID && $0.name == role.name }
    }
}

struct InMemoryAPIKeyRepository: APIKeyRepository {
    let context: InMemoryContext<AccessStore>

    func find(_ id: APIKeyID) throws -> APIKey? { context.store.apiKeys[id] }

    func find(_ prefix: APIKeyPrefix) throws -> APIKey? {
        context.store.apiKeys.values.first { $0.prefix == prefix }
    }

    func prefixes() throws -> [APIKeyPrefix] { context.store.apiKeys.values.map(\.prefix) }

    func lock(_ id: APIKeyID) throws -> APIKey? { try find(id) }

    func lockUnrevoked(_ ids: Set<APIKeyID>) throws -> Set<APIKeyID> {
        ids.filter { id in context.store.apiKeys[id].map { $0.revokedAt == nil } ?? false }
    }

    func list(of holder: APIKey.Holder?, _ part: PageRequest<NewestFirst>) throws -> Page<APIKey, NewestFirst> {
        let keys = context.store.apiKeys.values
            .filter { key in holder.map { key.owner.holder == $0 } ?? true }
        return Page(of: keys, part) { NewestFirst($0.id) }
    }

    func all(of holder: APIKey.Holder) throws -> [APIKey] {
        context.store.apiKeys.values.filter { $0.owner.holder == holder }.sorted { $0.id > $1.id }
    }

    func insert(_ key: APIKey) throws {
        try context.change { store in
            guard !store.apiKeys.values.contains(where: { $0.prefix == key.prefix }) else {
                throw InternalFailure("the prefix is taken")
            }
            store.apiKeys[key.id] = key
        }
    }

    func update(_ key: APIKey) throws {
        try context.change { store in
            guard store.apiKeys[key.id] != nil else { return }
            store.apiKeys[key.id] = key
            store.keysWithoutKind.remove(key.id)
        }
    }

    func lockAll(naming service: ServiceSlug) throws -> [APIKey] {
        context.store.apiKeys.values
            .filter { $0.services.slugs.contains(service) || $0.scopes.permissions.contains(.check(service)) }
            .sorted { $0.id < $1.id }
    }

    func lockWithoutKind() throws -> [APIKey] {
        context.store.keysWithoutKind.sorted().compactMap { context.store.apiKeys[$0] }
    }

    func countWithoutServices(at now: Timestamp) throws -> Int {
        context.store.apiKeys.values.count { $0.services.isEmpty && $0.state(at: now) == .open }
    }
}

struct InMemoryEntitlementRepository: EntitlementRepository {
    let context: InMemoryContext<AccessStore>

    func find(_ subject: EntitlementSubject) throws -> Entitlement? { context.store.entitlements[subject] }

    func lock(_ subject: EntitlementSubject) throws -> Entitlement? { try find(subject) }

    func save(_ entitlement: Entitlement) throws {
        try context.change { $0.entitlements[entitlement.subject] = entitlement }
    }

    func lockAll(limiting service: ServiceSlug) throws -> [Entitlement] {
        context.store.entitlements.values.filter { entitlement in
            entitlement.grant.limits?.contains { $0.scope == .service(service) } == true
        }.sorted { $0.id < $1.id }
    }

    func delete(_ subject: EntitlementSubject) throws { try context.change { $0.entitlements[subject] = nil } }
}
