import AccessContract
import Shared

/// What somebody may do now: by platform roles everywhere, by a tenant's roles on that tenant's rows.
package struct CallerRights: Sendable, Equatable {
    package let platform: PermissionSet
    /// For which tenant the call acts.
    package let tenantID: TenantID?
    /// By the roles in that tenant.
    package let tenant: PermissionSet

    package static let none = CallerRights(platform: .empty)

    package init(platform: PermissionSet, tenantID: TenantID? = nil, tenant: PermissionSet = .empty) {
        self.platform = platform
        self.tenantID = tenantID
        self.tenant = tenantID == nil ? .empty : tenant
    }

    /// Whether a call of Gapura's own API may act.
    ///
    /// - Parameter tenant: whose row it is; nil for a row of the platform.
    package func allows(_ permission: Permission, on tenant: TenantID?) -> Bool {
        if platform.grants(permission) { return true }
        guard let tenant, tenant == tenantID else { return false }
        return self.tenant.grants(permission)
    }

    /// Whether a request to a service may pass; that a key may not have something is not looked at. The service keeps
    /// the tenants' data apart, so a tenant's role counts; but not for Gapura's own resources, where it would be a
    /// right over the platform.
    package func passes(_ permission: Permission, _ registry: PermissionRegistry) -> Bool {
        platform.grants(permission) || tenant.grants(permission) && !registry.isOwn(permission)
    }

    /// Whether somebody with these rights may make a key with these scopes.
    package func covers(_ scopes: PermissionSet) -> Bool {
        scopes.permissions.allSatisfy { platform.grants($0) || tenant.grants($0) }
    }

    /// What of this a key with these scopes may do.
    package func limited(to scopes: PermissionSet) -> CallerRights {
        CallerRights(
            platform: platform.intersection(scopes), tenantID: tenantID, tenant: tenant.intersection(scopes))
    }
}
