/// Every permission that the modules of this program declare: what Gapura's own resources are, and what can be done
/// with them.
package final class PermissionRegistry: Sendable {
    package let declared: [DeclaredPermission]
    private let resources: Set<Permission.Part>
    /// Resources with which a key could make itself more than it is: of these it has what is declared for it alone.
    private let guarded: [Permission.Part]
    private let openToKeys: [Permission]

    package init(_ declared: [DeclaredPermission]) {
        self.declared = declared
        resources = Set(declared.map(\.permission.resource))
        let guarded = Set(declared.filter { !$0.isForKeys }.map(\.permission.resource))
        self.guarded = Array(guarded)
        openToKeys = declared.filter { $0.isForKeys && guarded.contains($0.permission.resource) }.map(\.permission)
    }

    /// Whether the permission, or a wildcard in it, is about Gapura's own resources. A tenant's role gives nothing on
    /// them outside that tenant.
    package func isOwn(_ permission: Permission) -> Bool {
        permission.resource.isAny || resources.contains(permission.resource)
    }

    /// Whether a key may ever have the permission.
    package func isForKeys(_ permission: Permission) -> Bool {
        for resource in guarded where permission.resource.isAny || permission.resource == resource {
            let isOpen = openToKeys.contains { $0.resource == resource && $0.action == permission.action }
            if !isOpen { return false }
        }
        return true
    }

    /// Whether whoever has these can change something on the platform, and not only look.
    package func allowsWriting(_ permissions: PermissionSet) -> Bool {
        declared.contains { !$0.isForReading && permissions.grants($0.permission) }
    }

    /// What a key has of permissions. One over the resources of all services stays as it is, but for `exceptions`.
    package func forKeys(_ permissions: PermissionSet) -> PermissionSet {
        PermissionSet(
            permissions.permissions.flatMap { permission in
                if permission.resource.isAny || isForKeys(permission) { return [permission] }
                return openToKeys.compactMap(permission.intersection)
            })
    }

    /// What permissions grant and no key may do.
    package func exceptions(in permissions: PermissionSet) -> [Permission] {
        declared.filter { !$0.isForKeys && permissions.grants($0.permission) }.map(\.permission).sorted()
    }

    /// Where a list of permissions is used, which decides what it may name.
    package enum Level: Sendable {
        case platform
        case tenant
        /// Scopes of keys and demands of services: whoever may have the permission, it means the same.
        case any

        fileprivate func takes(_ reach: DeclaredPermission.Reach) -> Bool {
            switch (self, reach) {
            case (.platform, .tenant), (.tenant, .platform): false
            case (.any, _), (.platform, _), (.tenant, _): true
            }
        }
    }

    /// Why the permission means nothing: it names one of Gapura's own resources and something that no module lets
    /// anybody do with it.
    ///
    /// - Returns: what is wrong, after the field's name; nil if it is declared, has a wildcard or is a service's.
    package func objection(to permission: Permission, on level: Level) -> String? {
        guard resources.contains(permission.resource), !permission.action.isAny else { return nil }
        let known = declared.filter { $0.permission.resource == permission.resource }
        guard let match = known.first(where: { $0.permission.action == permission.action }) else {
            let list = known.filter { level.takes($0.reach) }.map(\.description).sorted().joined(separator: ", ")
            return "is not a permission of Gapura; this resource has \(list)"
        }
        guard match.hasTargets || permission.target == nil else { return "must be \(match): it has no third part" }
        return level.takes(match.reach) ? nil : "is not a permission that a role on this level can have"
    }
}
