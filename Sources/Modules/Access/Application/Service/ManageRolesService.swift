import AccessContract
import AccessDomain
import Shared

/// Roles of the platform. Who may manage roles at all is decided before; here it counts which rights are in play:
/// nobody hands out a right that he does not have, nor takes one away.
package struct ManageRolesService: Sendable {
    private let work: any AccessWork
    private let registry: PermissionRegistry
    private let clock: any WallClock

    package init(work: any AccessWork, registry: PermissionRegistry, clock: any WallClock) {
        self.work = work
        self.registry = registry
        self.clock = clock
    }

    /// By name, the built-in ones among them.
    package func list() async throws -> [Role] { try await work.read { try $0.roles.all() } }

    package func find(_ id: RoleID) async throws -> Role? {
        try await work.read { try $0.roles.find(id).ofPlatform }
    }

    /// Makes a role under the given id; what is there under it already is the answer.
    package func create(_ command: CreateRoleCommand) async throws -> RoleOutcome {
        let now = clock.now
        let principal = command.principal
        let permissions: PermissionSet
        do throws(InvalidFields) {
            permissions = try Role.validate(
                name: command.name, permissions: command.permissions, of: registry, on: .platform)
        } catch {
            return .invalid(error)
        }
        let role = Role(
            id: command.id, tenantID: nil, name: command.name, permissions: permissions, createdAt: now, updatedAt: now)
        return try await work.write { context in
            if let made = try context.roles.find(role.id).ofPlatform { return .done(made) }
            if let refusal = RoleRules.refusalToMake(permissions, by: principal.permissions) {
                return try context.refuse(refusal, "role.created", role.id, principal)
            }
            guard try context.roles.insert(role) else { return .nameTaken }
            try context.tell(role, "role.created", by: principal, at: now)
            return .done(role)
        }
    }

    package func change(_ command: ChangeRoleCommand) async throws -> RoleOutcome {
        let now = clock.now
        let principal = command.principal
        return try await work.write { [registry] context in
            guard var role = try context.roles.lock(command.id).ofPlatform else { return .unknown }
            if role.isBuiltIn { return .refused(.builtIn) }
            let permissions: PermissionSet
            do throws(InvalidFields) {
                permissions = try Role.validate(
                    name: command.name ?? role.name,
                    permissions: command.permissions ?? role.permissions.permissions.map(\.description),
                    of: registry, on: .platform, keeping: role.permissions)
            } catch {
                return .invalid(error)
            }
            if let refusal = RoleRules.refusalToChange(role, to: permissions, by: principal.permissions) {
                return try context.refuse(refusal, "role.changed", role.id, principal)
            }
            let before = role
            role.name = command.name ?? role.name
            role.permissions = permissions
            guard role != before else { return .done(role) }
            role.updatedAt = now
            guard try context.roles.update(role) else { return .nameTaken }
            try context.tell(role, "role.changed", by: principal, at: now)
            return .done(role)
        }
    }

    package func delete(_ id: RoleID, by principal: Principal) async throws -> RoleOutcome {
        let now = clock.now
        return try await work.write { context in
            guard let role = try context.roles.lock(id).ofPlatform else { return .unknown }
            let holders = try context.roles.holderCount(id)
            if let refusal = RoleRules.refusalToRemove(role, by: principal.permissions, holders: holders) {
                return try context.refuse(refusal, "role.deleted", id, principal)
            }
            try context.roles.delete(id)
            try context.tell(role, "role.deleted", by: principal, at: now)
            return .done(role)
        }
    }
}

extension AccessContext {
    /// A right that somebody wanted to hand out or take away without having it leaves a trace.
    fileprivate func refuse(
        _ refusal: RoleRefusal, _ action: String, _ id: RoleID, _ principal: Principal
    ) throws -> RoleOutcome {
        if refusal == .permissionDenied {
            try audit(.refused(action, because: refusal.rawValue, on: "role:\(id)", by: principal))
        }
        return .refused(refusal)
    }

    fileprivate func tell(_ role: Role, _ action: String, by principal: Principal, at now: Timestamp) throws {
        try changed(.roles, at: now)
        try publish(RoleChanged(role: role.id, of: nil))
        try audit(.done(action, on: "role:\(role.id)", by: principal))
    }
}

extension Role? {
    /// A tenant's role is not there for who manages the platform's.
    fileprivate var ofPlatform: Role? { flatMap { $0.tenantID == nil ? $0 : nil } }
}
