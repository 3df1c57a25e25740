import AccessContract
import Shared

/// A named list of rights, over the platform or within one tenant.
package struct Role: Sendable, Equatable {
    package let id: RoleID
    /// Nil: over the whole platform.
    package let tenantID: TenantID?
    package var name: String
    package var permissions: PermissionSet
    package let isBuiltIn: Bool
    package let createdAt: Timestamp
    package var updatedAt: Timestamp

    package init(
        id: RoleID, tenantID: TenantID?, name: String, permissions: PermissionSet, isBuiltIn: Bool = false,
        createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.tenantID = tenantID
        self.name = name
        self.permissions = permissions
        self.isBuiltIn = isBuiltIn
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// 1 to 63 bytes: lower-case letters, digits, `_` and `-`, the first a letter.
    package static func isName(_ text: String) -> Bool {
        guard (1...63).contains(text.utf8.count), let first = text.utf8.first, (0x61...0x7A).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2D
        }
    }

    /// A role as somebody wants it.
    ///
    /// - Parameter kept: the permissions that the role has already.
    /// - Throws: every bad field. A built-in role's name is taken on both levels, so that a name means one thing.
    package static func validate(
        name: String, permissions: [String], of registry: PermissionRegistry, on level: PermissionRegistry.Level,
        keeping kept: PermissionSet = .empty
    ) throws(InvalidFields) -> PermissionSet {
        var problems: [InvalidFields.Problem] = []
        if !isName(name) {
            problems.append(.init("name", "must be 1 to 63 lower-case letters, digits, _ and -, the first a letter"))
        } else if BuiltInRole(rawValue: name) != nil {
            problems.append(.init("name", "is the name of a built-in role"))
        }
        let set: PermissionSet
        do throws(InvalidFields) {
            set = try PermissionSet(
                texts: permissions, field: "permissions", of: registry, on: level, keeping: kept)
        } catch {
            throw InvalidFields(problems + error.problems)
        }
        guard problems.isEmpty else { throw InvalidFields(problems) }
        return set
    }
}

/// The roles that are always there.
package enum BuiltInRole: String, Sendable, CaseIterable {
    /// Of the platform.
    case admin
    case support
    /// Of each tenant.
    case owner
    case manager
    case member

    package var isOfPlatform: Bool { platformID != nil }

    /// The same in every installation; nil for those of tenants, of which each has its own.
    package var platformID: RoleID? {
        switch self {
        case .admin: RoleID(Identifier(high: 0x0194_1F29_7C00_7000, low: 0x8000_0000_0000_0001))
        case .support: RoleID(Identifier(high: 0x0194_1F29_7C00_7000, low: 0x8000_0000_0000_0002))
        case .owner, .manager, .member: nil
        }
    }

    /// Since when stores say that the platform's are there.
    package static let epoch = Timestamp(milliseconds: 1_735_689_600_000)

    /// Nil for a role of tenants.
    package var platformRole: Role? {
        platformID.map { id in
            Role(
                id: id, tenantID: nil, name: rawValue, permissions: permissions, isBuiltIn: true,
                createdAt: Self.epoch, updatedAt: Self.epoch)
        }
    }

    package var permissions: PermissionSet { Self.permissions[self] ?? .empty }

    /// Declared by Accounts.
    private static let usersRead = [Permission("users:read")].compactMap { $0 }

    private static let permissions: [BuiltInRole: PermissionSet] = {
        typealias Own = AccessPermission
        let support = [
            Own.rolesRead, Own.servicesRead, Own.apiKeysRead, Own.serviceAccountsRead, Own.tenantsRead,
            Own.entitlementsRead, Own.usageRead, Own.auditRead, Own.explain,
        ]
        let manager = [
            Own.tenantsRead, Own.rolesRead, Own.apiKeysRead, Own.apiKeysWrite, Own.usageRead, Own.entitlementsRead,
        ]
        func set(_ declared: [DeclaredPermission], _ others: [Permission] = []) -> PermissionSet {
            PermissionSet(declared.map(\.permission) + others)
        }
        return [
            .admin: .all, .support: set(support, usersRead), .owner: .all, .manager: set(manager, usersRead),
            .member: set([Own.tenantsRead, Own.usageRead]),
        ]
    }()
}
