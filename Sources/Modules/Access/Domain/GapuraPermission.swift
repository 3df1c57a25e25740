/// The rights that Gapura itself asks for. On the whole platform they come from platform roles only.
package enum GapuraPermission {
    package static let usersRead = Permission(known: "users", "read")
    package static let usersWrite = Permission(known: "users", "write")
    package static let rolesRead = Permission(known: "roles", "read")
    package static let rolesWrite = Permission(known: "roles", "write")
    package static let servicesRead = Permission(known: "services", "read")
    package static let servicesWrite = Permission(known: "services", "write")
    package static let apiKeysRead = Permission(known: "api_keys", "read")
    package static let apiKeysWrite = Permission(known: "api_keys", "write")
    package static let tenantsRead = Permission(known: "tenants", "read")
    package static let tenantsWrite = Permission(known: "tenants", "write")
    package static let entitlementsRead = Permission(known: "entitlements", "read")
    package static let entitlementsWrite = Permission(known: "entitlements", "write")
    package static let usageRead = Permission(known: "usage", "read")
    package static let usageWrite = Permission(known: "usage", "write")
    package static let auditRead = Permission(known: "audit", "read")
    /// `GET /access/explain/{decision_id}`.
    package static let accessExplain = Permission(known: "access", "explain")
    package static let accessCheck = Permission.checkAny
    /// Sign-in on behalf of people, for services.
    package static let accountsAct = Permission(known: "accounts", "act")
    package static let plansWrite = Permission(known: "plans", "write")

    package static let all: [Permission] = [
        usersRead, usersWrite, rolesRead, rolesWrite, servicesRead, servicesWrite, apiKeysRead, apiKeysWrite,
        tenantsRead, tenantsWrite, entitlementsRead, entitlementsWrite, usageRead, usageWrite, auditRead,
        accessExplain, accessCheck, accountsAct, plansWrite,
    ]

    /// Gapura's own resources: a tenant's role gives nothing on them outside that tenant.
    private static let resources = Array(Set(all.map(\.resource)))

    /// Resources whose holders could make themselves more than they are.
    private static let managed = [usersWrite, rolesWrite, apiKeysWrite].map(\.resource)

    private static let read = usersRead.action

    /// Whether the right, or a wildcard in it, is about Gapura's own resources.
    package static func isOwn(_ permission: Permission) -> Bool {
        permission.resource.isAny || resources.contains(permission.resource)
    }

    /// Accounts, roles and keys are managed by people: a key only reads them, whatever its scopes say.
    package static func isForKeys(_ permission: Permission) -> Bool {
        permission.action == read || !(permission.resource.isAny || managed.contains(permission.resource))
    }
}
