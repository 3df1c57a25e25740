import Shared

/// What Access asks for. On the whole platform it comes from roles of the platform only.
package enum AccessPermission {
    package static let rolesRead = DeclaredPermission("roles", "read", reach: .both)
    package static let rolesWrite = DeclaredPermission("roles", "write", reach: .both, isForKeys: false)
    package static let servicesRead = DeclaredPermission("services", "read", reach: .platform)
    package static let servicesWrite = DeclaredPermission("services", "write", reach: .platform)
    package static let apiKeysRead = DeclaredPermission("api_keys", "read", reach: .both)
    package static let apiKeysWrite = DeclaredPermission("api_keys", "write", reach: .both, isForKeys: false)
    package static let serviceAccountsRead = DeclaredPermission("service_accounts", "read", reach: .platform)
    package static let serviceAccountsWrite = DeclaredPermission(
        "service_accounts", "write", reach: .platform, isForKeys: false)
    package static let tenantsRead = DeclaredPermission("tenants", "read", reach: .both)
    package static let tenantsWrite = DeclaredPermission("tenants", "write", reach: .both)
    package static let entitlementsRead = DeclaredPermission("entitlements", "read", reach: .both)
    package static let entitlementsWrite = DeclaredPermission("entitlements", "write", reach: .platform)
    package static let usageRead = DeclaredPermission("usage", "read", reach: .both)
    package static let usageWrite = DeclaredPermission("usage", "write", reach: .platform)
    package static let auditRead = DeclaredPermission("audit", "read", reach: .both)
    /// `GET /access/explain/{decision_id}`.
    package static let explain = DeclaredPermission("access", "explain", reach: .platform)
    /// To ask the gate about services and to settle their reservations; with a service's slug about that one alone.
    package static let check = DeclaredPermission("access", "check", reach: .platform, hasTargets: true)

    package static let all = [
        rolesRead, rolesWrite, servicesRead, servicesWrite, apiKeysRead, apiKeysWrite, serviceAccountsRead,
        serviceAccountsWrite, tenantsRead, tenantsWrite, entitlementsRead, entitlementsWrite, usageRead, usageWrite,
        auditRead, explain, check,
    ]
}

extension Permission {
    /// The right to ask the gate about one service and to settle its reservations.
    package static func check(_ service: ServiceSlug) -> Permission {
        guard let permission = Permission("\(AccessPermission.check):\(service.text)") else {
            preconditionFailure("a slug is the third part of a permission")
        }
        return permission
    }
}
