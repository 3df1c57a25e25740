import AccessContract
import AccessDomain
import AccountsContract
import Shared

/// What people may use by a plan, set by hand: as long as there is no Billing, and for contracts.
package struct ManageEntitlementsService: Sendable {
    private let work: any AccessWork
    private let users: any UserAdministration
    private let catalog: PlanCatalog
    private let clock: any WallClock
    private let identifiers: any IdentifierSource

    package init(
        work: any AccessWork, users: any UserAdministration, catalog: PlanCatalog, clock: any WallClock,
        identifiers: any IdentifierSource
    ) {
        self.work = work
        self.users = users
        self.catalog = catalog
        self.clock = clock
        self.identifiers = identifiers
    }

    /// Nil if there is no such user.
    package func find(_ userID: UserID) async throws -> EntitlementView? {
        guard try await users.find(userID) != nil else { return nil }
        let entitlement = try await work.read { try $0.entitlements.find(.user(userID.value)) }
        return view(of: entitlement, userID, at: clock.now)
    }

    /// Counts as a new version: what was told of the subscription before, and comes late, is ignored.
    package func set(_ command: SetEntitlementCommand) async throws -> SetEntitlementOutcome {
        guard let user = try await users.find(command.userID) else { return .unknownUser }
        let now = clock.now
        let id = identifiers.next(EntitlementID.self)
        return try await work.write { [self] context in
            guard try context.mayServe(user, "entitlement.set", by: command.principal) else { return .permissionDenied }
            let grant: EntitlementGrant
            do {
                grant = try command.draft.validated(at: now, catalog: catalog) { try context.services.lock($0) != nil }
            } catch let error as InvalidFields {
                return .invalid(error)
            }
            let current = try context.entitlements.lock(.user(command.userID.value))
            return .set(
                try give(
                    grant, to: command.userID, id, over: current, command.principal, "entitlement.set", now, context
                ))
        }
    }

    /// Back to `free`, as a new version too. Without an entitlement nothing changes.
    package func remove(_ userID: UserID, by principal: Principal) async throws -> SetEntitlementOutcome {
        guard let user = try await users.find(userID) else { return .unknownUser }
        let now = clock.now
        let id = identifiers.next(EntitlementID.self)
        return try await work.write { [self] context in
            guard try context.mayServe(user, "entitlement.removed", by: principal) else { return .permissionDenied }
            guard let current = try context.entitlements.lock(.user(userID.value)),
                current.grant.plan != .free || current.grant.limits != nil
            else { return .set(view(of: try context.entitlements.find(.user(userID.value)), userID, at: now)) }
            // The row stays: its version keeps what comes late from bringing the plan back.
            let grant = EntitlementGrant(plan: .free, since: now)
            return .set(
                try give(grant, to: userID, id, over: current, principal, "entitlement.removed", now, context))
        }
    }

    private func give(
        _ grant: EntitlementGrant, to userID: UserID, _ id: EntitlementID, over current: Entitlement?,
        _ principal: Principal, _ action: String, _ now: Timestamp, _ context: any AccessContext
    ) throws -> EntitlementView {
        let change = EntitlementChange(
            subject: .user(userID.value), grant: grant, version: (current?.version ?? 0) + 1)
        guard case .applied(let entitlement) = change.applied(to: current, id: id, at: now) else {
            throw InternalFailure("a newer version of an entitlement was not taken")
        }
        try context.entitlements.save(entitlement)
        try context.changed(.user(userID.value), at: now)
        try context.audit(.done(action, on: "user:\(userID)", by: principal))
        return view(of: entitlement, userID, at: now)
    }

    private func view(of entitlement: Entitlement?, _ userID: UserID, at now: Timestamp) -> EntitlementView {
        EntitlementView(
            userID: userID, entitlement: entitlement,
            effective: EffectivePlan(entitlement, catalog: catalog, at: now))
    }
}

extension AccessContext {
    /// What somebody is given or loses by a plan is decided by those alone who may do all that they may.
    fileprivate func mayServe(_ user: UserRecord, _ action: String, by principal: Principal) throws -> Bool {
        let id = user.standing.userID
        let rights = try rights(of: id.value, isAdministrator: user.standing.isAdministrator)
        return try mayWrite(before: rights, after: nil, action, on: "user:\(id)", principal)
    }
}
