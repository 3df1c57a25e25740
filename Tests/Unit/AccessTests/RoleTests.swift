import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import Shared
import TestSupport
import Testing

@Suite("Roles and rights")
struct RoleTests {
    private let identifiers = SequentialIdentifiers()
    private let now = Timestamp(seconds: 1_790_000_000)

    private func set(_ texts: String...) throws -> PermissionSet { try PermissionSet(texts: texts, field: "f") }

    private func role(_ builtIn: BuiltInRole) -> Role {
        Role(
            id: identifiers.next(), tenantID: builtIn.isOfPlatform ? nil : identifiers.next(), name: builtIn.rawValue,
            permissions: builtIn.permissions, isBuiltIn: true, createdAt: now, updatedAt: now)
    }

    private func role(_ permissions: PermissionSet, in tenant: TenantID? = nil) -> Role {
        Role(
            id: identifiers.next(), tenantID: tenant, name: "editor", permissions: permissions, createdAt: now,
            updatedAt: now)
    }

    @Test("a role's name is lower case, and no built-in role's")
    func names() throws {
        #expect(try Role.validate(name: "editor-2", permissions: ["a:b"], of: .ofTests, on: .platform) == set("a:b"))
        for name in ["", "Editor", "2x", "a b", "\u{e9}a", String(repeating: "a", count: 64), "admin", "owner"] {
            let error = #expect(throws: InvalidFields.self) {
                try Role.validate(name: name, permissions: ["x", "a:b"], of: .ofTests, on: .platform)
            }
            #expect(error?.problems.map(\.field) == ["name", "permissions[0]"], "\(name)")
        }
    }

    @Test("support reads and changes nothing; admin and owner may do all on their level")
    func builtIn() {
        #expect(BuiltInRole.admin.permissions == .all)
        #expect(BuiltInRole.owner.permissions == .all)
        let writes = PermissionRegistry.ofTests.declared.filter { $0.description.hasSuffix(":write") }
        #expect(writes.count > 5)
        for permission in writes { #expect(!BuiltInRole.support.permissions.grants(permission.permission)) }
        #expect(BuiltInRole.support.permissions.grants(AccessPermission.auditRead.permission))
        #expect(BuiltInRole.manager.permissions.covers(BuiltInRole.member.permissions))
        #expect(BuiltInRole.allCases.filter(\.isOfPlatform) == [.admin, .support])
        for role in BuiltInRole.allCases {
            let level: PermissionRegistry.Level = role.isOfPlatform ? .platform : .tenant
            for permission in role.permissions.permissions {
                #expect(PermissionRegistry.ofTests.isOwn(permission), "\(permission)")
                #expect(PermissionRegistry.ofTests.objection(to: permission, on: level) == nil, "\(permission)")
            }
        }
    }

    @Test("who lacks a right cannot make, change, assign or take a role that has it")
    func nobodyGrantsMore() throws {
        let rights = try set("roles:*", "shop:*")
        let weaker = role(try set("shop:read"))
        let stronger = role(try set("shop:read", "audit:read"))
        #expect(RoleRules.refusalToMake(try set("shop:write"), by: rights) == nil)
        #expect(RoleRules.refusalToMake(try set("audit:read"), by: rights) == .permissionDenied)
        #expect(RoleRules.refusalToChange(weaker, to: try set("shop:*"), by: rights) == nil)
        #expect(RoleRules.refusalToChange(weaker, to: try set("audit:read"), by: rights) == .permissionDenied)
        #expect(RoleRules.refusalToChange(stronger, to: try set("shop:read"), by: rights) == .permissionDenied)
        #expect(RoleRules.refusalToAssign(weaker, by: rights) == nil)
        #expect(RoleRules.refusalToAssign(stronger, by: rights) == .permissionDenied)
        #expect(RoleRules.refusalToTake(stronger, by: rights, otherHolders: 5) == .permissionDenied)
        #expect(RoleRules.refusalToRemove(stronger, by: rights, holders: 0) == .permissionDenied)
    }

    @Test("a role that somebody has is not removed, a built-in one never changes")
    func removal() throws {
        let own = role(try set("shop:read"))
        #expect(RoleRules.refusalToRemove(own, by: .all, holders: 1) == .inUse)
        #expect(RoleRules.refusalToRemove(own, by: .all, holders: 0) == nil)
        #expect(RoleRules.refusalToRemove(role(.member), by: .all, holders: 0) == .builtIn)
        #expect(RoleRules.refusalToChange(role(.support), to: .all, by: .all) == .builtIn)
    }

    @Test("the last administrator and a tenant's last owner stay")
    func lastOnes() {
        #expect(RoleRules.refusalToTake(role(.admin), by: .all, otherHolders: 0) == .lastAdmin)
        #expect(RoleRules.refusalToTake(role(.admin), by: .all, otherHolders: 1) == nil)
        #expect(RoleRules.refusalToLose(role(.owner), otherHolders: 0) == .lastOwner)
        #expect(RoleRules.refusalToLose(role(.owner), otherHolders: 1) == nil)
        #expect(RoleRules.refusalToLose(role(.support), otherHolders: 0) == nil)
        #expect(RoleRules.refusalToLose(role(.manager), otherHolders: 0) == nil)
        #expect(RoleRefusal.lastAdmin.rawValue == "last_admin")
        #expect(RoleRefusal.lastOwner.rawValue == "last_owner")
    }

    @Test("a tenant's role gives rights on that tenant's rows, whatever its list says")
    func tenants() {
        let own = TenantID(identifiers.next())
        let foreign = TenantID(identifiers.next())
        let owner = CallerRights(platform: .empty, tenantID: own, tenant: .all)
        #expect(owner.allows(AccountsPermission.usersWrite.permission, on: own))
        #expect(!owner.allows(AccountsPermission.usersWrite.permission, on: foreign))
        #expect(!owner.allows(AccountsPermission.usersWrite.permission, on: nil))
        let admin = CallerRights(platform: .all)
        #expect(admin.allows(AccountsPermission.usersWrite.permission, on: foreign))
        #expect(admin.allows(AccountsPermission.usersWrite.permission, on: nil))
        #expect(!CallerRights(platform: .empty, tenantID: nil, tenant: .all).allows(.any, on: nil))
    }

    @Test("a tenant's role opens services, but not one that asks for a right on Gapura itself")
    func services() throws {
        let owner = CallerRights(platform: .empty, tenantID: TenantID(identifiers.next()), tenant: .all)
        #expect(owner.passes(try #require(Permission("documents:read")), .ofTests))
        #expect(!owner.passes(AccountsPermission.usersRead.permission, .ofTests))
        #expect(!owner.passes(.any, .ofTests))
        #expect(CallerRights(platform: .all).passes(AccountsPermission.usersRead.permission, .ofTests))
        #expect(!CallerRights.none.passes(try #require(Permission("documents:read")), .ofTests))
    }

    @Test("a key's scopes are rights that its maker has, on the platform or in the tenant")
    func scopes() throws {
        let maker = CallerRights(
            platform: try set("shop:read"), tenantID: TenantID(identifiers.next()), tenant: try set("documents:*"))
        #expect(maker.covers(try set("shop:read", "documents:write")))
        #expect(!maker.covers(try set("shop:*")))
        #expect(!maker.covers(try set("documents:read", "audit:read")))
    }

    @Test("what a role says of Gapura's own resources is declared, for its level; of other resources it says anything")
    func declared() throws {
        func problems(
            _ permissions: [String], on level: PermissionRegistry.Level = .platform,
            keeping kept: PermissionSet = .empty
        ) -> [String] {
            do throws(InvalidFields) {
                _ = try Role.validate(name: "editor", permissions: permissions, of: .ofTests, on: level, keeping: kept)
                return []
            } catch {
                return error.problems.map(\.field)
            }
        }
        let good = ["users:read", "users:*", "*:read", "*:*", "access:check:cvmaker", "documents:raed", "shop:a:b"]
        #expect(problems(good) == [])
        let wrong = ["a:b", "users:raed", "access:chekc", "users:read:ana"]
        #expect(problems(wrong) == ["permissions[1]", "permissions[2]", "permissions[3]"])
        #expect(problems(wrong, keeping: try set("users:raed", "access:chekc")) == ["permissions[3]"])
        #expect(problems(["services:read", "users:read"], on: .tenant) == ["permissions[0]"])
    }
}
