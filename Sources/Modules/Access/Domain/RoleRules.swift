import Shared

/// Why a role stays as it is, or with whom it is.
package enum RoleRefusal: String, Sendable, Error {
    /// Who acts does not have all the rights that are in play.
    case permissionDenied = "permission_denied"
    /// Built-in roles are neither changed nor removed.
    case builtIn = "built_in_role"
    /// Somebody has it.
    case inUse = "role_in_use"
    /// Nobody would be left who could appoint another.
    case lastAdmin = "last_admin"
    case lastOwner = "last_owner"
}

/// What may be done with roles by somebody who has the right to manage them.
package enum RoleRules {
    /// - Parameter rights: of who acts, on the level of the role.
    /// - Returns: nil if the role may be made.
    package static func refusalToMake(_ permissions: PermissionSet, by rights: PermissionSet) -> RoleRefusal? {
        RuleOfCover.allows(rights, before: nil, after: permissions) ? nil : .permissionDenied
    }

    package static func refusalToChange(
        _ role: Role, to permissions: PermissionSet, by rights: PermissionSet
    ) -> RoleRefusal? {
        if role.isBuiltIn { return .builtIn }
        return RuleOfCover.allows(rights, before: role.permissions, after: permissions) ? nil : .permissionDenied
    }

    package static func refusalToRemove(_ role: Role, by rights: PermissionSet, holders: Int) -> RoleRefusal? {
        if role.isBuiltIn { return .builtIn }
        guard RuleOfCover.allows(rights, before: role.permissions, after: nil) else { return .permissionDenied }
        return holders > 0 ? .inUse : nil
    }

    package static func refusalToAssign(_ role: Role, by rights: PermissionSet) -> RoleRefusal? {
        RuleOfCover.allows(rights, before: nil, after: role.permissions) ? nil : .permissionDenied
    }

    /// - Parameter otherHolders: how many others have the role and an account that works.
    package static func refusalToTake(_ role: Role, by rights: PermissionSet, otherHolders: Int) -> RoleRefusal? {
        guard RuleOfCover.allows(rights, before: role.permissions, after: nil) else { return .permissionDenied }
        return refusalToLose(role, otherHolders: otherHolders)
    }

    /// For the holder's end by other ways: blocked, deactivated, deleted, membership ended.
    package static func refusalToLose(_ role: Role, otherHolders: Int) -> RoleRefusal? {
        guard role.isBuiltIn, otherHolders == 0 else { return nil }
        switch BuiltInRole(rawValue: role.name) {
        case .admin where role.tenantID == nil: return .lastAdmin
        case .owner where role.tenantID != nil: return .lastOwner
        default: return nil
        }
    }
}
