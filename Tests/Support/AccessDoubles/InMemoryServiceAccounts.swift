import AccessApplication
import AccessContract
import AccessDomain
import Shared
import TestSupport

/// Units of work come one after the other here, so there is nothing to wait for in `lock`.
struct InMemoryServiceAccountRepository: ServiceAccountRepository {
    let context: InMemoryContext<AccessStore>

    func find(_ id: ServiceAccountID) throws -> ServiceAccount? { context.store.serviceAccounts[id] }

    func lock(_ id: ServiceAccountID) throws -> ServiceAccount? { try find(id) }

    func list(_ part: PageRequest<NewestFirst>) throws -> Page<ServiceAccount, NewestFirst> {
        Page(of: Array(context.store.serviceAccounts.values), part) { NewestFirst($0.id) }
    }

    func insert(_ account: ServiceAccount) throws { try context.change { $0.serviceAccounts[account.id] = account } }

    func update(_ account: ServiceAccount) throws {
        try context.change { store in
            guard store.serviceAccounts[account.id] != nil else { return }
            store.serviceAccounts[account.id] = account
        }
    }

    func delete(_ id: ServiceAccountID) throws {
        try context.change { store in
            store.serviceAccounts[id] = nil
            store.serviceAccountRoles[id] = nil
        }
    }

    func roles(of id: ServiceAccountID) throws -> [Role] {
        let ids = context.store.serviceAccountRoles[id] ?? []
        return ids.compactMap { context.store.roles[$0] }.sorted { $0.name < $1.name }
    }

    func setRoles(of id: ServiceAccountID, to roles: [RoleID], at now: Timestamp) throws {
        try context.change { $0.serviceAccountRoles[id] = Set(roles) }
    }
}

struct InMemoryKeyUseRepository: KeyUseRepository {
    let context: InMemoryContext<AccessStore>

    func add(_ uses: [KeyUse]) throws {
        try context.change { store in
            for use in uses { store.keyUses[use.place, default: 0] += use.used }
        }
    }

    func days(of key: APIKeyID, from: Timestamp, to: Timestamp) throws -> [KeyUse] {
        context.store.keyUses.filter { $0.key.key == key && $0.key.day >= from && $0.key.day < to }
            .map { KeyUse($0.key, used: $0.value) }.sorted { $0.place.day < $1.place.day }
    }

    func removeAll(of key: APIKeyID) throws {
        try context.change { store in store.keyUses = store.keyUses.filter { $0.key.key != key } }
    }
}
