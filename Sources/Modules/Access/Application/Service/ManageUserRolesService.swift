import AccessContract
import AccessDomain
import AccountsContract
import Shared

/// Which roles of the platform somebody has. `admin` is one of them, though Accounts keeps it.
package struct ManageUserRolesService: Sendable {
    private let work: any AccessWork
    private let users: any UserAdministration
    private let clock: any WallClock

    package init(work: any AccessWork, users: any UserAdministration, clock: any WallClock) {
        self.work = work
        self.users = users
        self.clock = clock
    }

    /// By name; nil if there is no such user.
    package func roles(of userID: UserID) async throws -> [Role]? {
        guard let user = try await users.find(userID) else { return nil }
        let isAdministrator = user.standing.isAdministrator
        return try await work.read { context in
            try context.roles.all().held(try context.roles.roles(of: userID.value), isAdministrator: isAdministrator)
        }
    }

    /// Gives and takes what differs. The same again changes nothing; a run that was cut off is completed by the same
    /// again, since `admin` is another module's transaction.
    package func setRoles(_ command: SetUserRolesCommand) async throws -> SetUserRolesOutcome {
        guard let user = try await users.find(command.userID) else { return .unknownUser }
        let wasAdministrator = user.standing.isAdministrator
        let becomesAdministrator = command.roles.contains(BuiltInRole.admin.rawValue)
        let now = clock.now
        let refusal: SetUserRolesOutcome? = try await work.write { context in
            let change = RolesChange(
                command, wasAdministrator: wasAdministrator, all: try context.roles.all(),
                current: try context.roles.roles(of: command.userID.value))
            return try context.refuse(change, command)
        }
        if let refusal { return refusal }
        // First what Accounts may refuse: then nothing has changed.
        if becomesAdministrator != wasAdministrator {
            let actor = command.principal
            switch try await users.setAdministrator(becomesAdministrator, of: command.userID, by: actor) {
            case .unknownUser: return .unknownUser
            case .lastAdministrator: return .refused(.lastAdmin)
            case .set: break
            }
        }
        return try await work.write { context in
            // Nobody removes a role between here and the commit.
            for role in try context.roles.all() where command.roles.contains(role.name) {
                _ = try context.roles.lock(role.id)
            }
            let all = try context.roles.all()
            let change = RolesChange(
                command, wasAdministrator: wasAdministrator, all: all,
                current: try context.roles.lockRoles(of: command.userID.value))
            if let refusal = try context.refuse(change, command) { return refusal }
            if change.isAny { try context.carryOut(change, command, at: now) }
            return .set(all.held(change.wanted, isAdministrator: becomesAdministrator))
        }
    }
}

/// What is to be given and taken.
private struct RolesChange {
    /// But for `admin`.
    let wanted: [Role]
    let changesWanted: Bool
    let given: [Role]
    let taken: [Role]
    let unknown: [Int]

    init(_ command: SetUserRolesCommand, wasAdministrator: Bool, all: [Role], current: [Role]) {
        let admin = all.filter(\.isAdministrator)
        let asked = all.filter { command.roles.contains($0.name) }
        let had = current + (wasAdministrator ? admin : [])
        wanted = asked.filter { !$0.isAdministrator }
        given = asked.filter { role in !had.contains { $0.id == role.id } }
        taken = had.filter { role in !asked.contains { $0.id == role.id } }
        changesWanted = (given + taken).contains { !$0.isAdministrator }
        unknown = command.roles.indices.filter { index in !all.contains { $0.name == command.roles[index] } }
    }

    var isAny: Bool { !given.isEmpty || !taken.isEmpty }
}

extension AccessContext {
    /// Nil if the change may be. Who is the last administrator is for Accounts to say.
    fileprivate func refuse(_ change: RolesChange, _ command: SetUserRolesCommand) throws -> SetUserRolesOutcome? {
        guard change.unknown.isEmpty else {
            return .invalid(InvalidFields(change.unknown.map { .init("roles[\($0)]", "is not the name of a role") }))
        }
        let rights = command.principal.permissions
        let refusal =
            change.given.lazy.compactMap { RoleRules.refusalToAssign($0, by: rights) }.first
            ?? change.taken.lazy.compactMap { RoleRules.refusalToTake($0, by: rights, otherHolders: 1) }.first
        guard let refusal else { return nil }
        try audit(
            .refused(
                "user.roles_changed", because: refusal.rawValue, on: "user:\(command.userID)",
                by: command.principal))
        return .refused(refusal)
    }

    fileprivate func carryOut(_ change: RolesChange, _ command: SetUserRolesCommand, at now: Timestamp) throws {
        let userID = command.userID.value
        if change.changesWanted { try roles.setRoles(of: userID, to: change.wanted.map(\.id), at: now) }
        try changed(.user(userID), at: now)
        try publish(RoleChanged(rolesOf: userID, in: nil))
        try audit(.done("user.roles_changed", on: "user:\(userID)", by: command.principal))
    }
}

extension Role {
    /// Kept by Accounts.
    fileprivate var isAdministrator: Bool { isBuiltIn && tenantID == nil && name == BuiltInRole.admin.rawValue }
}

extension [Role] {
    /// Of all roles those that somebody has, by name.
    fileprivate func held(_ roles: [Role], isAdministrator: Bool) -> [Role] {
        filter { role in role.isAdministrator ? isAdministrator : roles.contains { $0.id == role.id } }
    }
}
