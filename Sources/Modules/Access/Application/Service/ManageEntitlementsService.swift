import AccessContract
import AccessDomain
import AccountsContract
import Shared

/// What people and service accounts may use by a plan, set by hand: as long as there is no Billing, and for contracts.
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

    /// Nil if there is no such subject.
    package func find(_ subject: EntitlementSubject) async throws -> EntitlementView? {
        guard let known = try await known(subject) else { return nil }
        return try await work.read { [self] context in
            if case .serviceAccount(let account) = known.subject {
                guard try context.serviceAccounts.find(account) != nil else { return nil }
            }
            return view(of: try context.entitlements.find(subject), subject, at: clock.now)
        }
    }

    /// Counts as a new version: what was told of the subscription before, and comes late, is ignored.
    package func set(_ command: SetEntitlementCommand) async throws -> SetEntitlementOutcome {
        guard let known = try await known(command.subject) else { return .unknownSubject }
        let now = clock.now
        let id = identifiers.next(EntitlementID.self)
        return try await work.write { [self] context in
            guard try context.isThere(known) else { return .unknownSubject }
            guard try context.mayServe(known, "entitlement.set", by: command.principal) else {
                return .permissionDenied
            }
            let grant: EntitlementGrant
            do {
                grant = try command.draft.validated(at: now, catalog: catalog) { try context.services.lock($0) != nil }
            } catch let error as InvalidFields {
                return .invalid(error)
            }
            let current = try context.entitlements.lock(command.subject)
            return .set(
                try give(
                    grant, to: command.subject, id, over: current, command.principal, "entitlement.set", now, context
                ))
        }
    }

    /// Back to `free`, as a new version too. Without an entitlement nothing changes.
    package func remove(
        _ subject: EntitlementSubject, by principal: Principal
    ) async throws -> SetEntitlementOutcome {
        guard let known = try await known(subject) else { return .unknownSubject }
        let now = clock.now
        let id = identifiers.next(EntitlementID.self)
        return try await work.write { [self] context in
            guard try context.isThere(known) else { return .unknownSubject }
            guard try context.mayServe(known, "entitlement.removed", by: principal) else { return .permissionDenied }
            guard let current = try context.entitlements.lock(subject),
                current.grant.plan != .free || current.grant.limits != nil
            else { return .set(view(of: try context.entitlements.find(subject), subject, at: now)) }
            // The row stays: its version keeps what comes late from bringing the plan back.
            let grant = EntitlementGrant(plan: .free, since: now)
            return .set(
                try give(grant, to: subject, id, over: current, principal, "entitlement.removed", now, context))
        }
    }

    private func give(
        _ grant: EntitlementGrant, to subject: EntitlementSubject, _ id: EntitlementID, over current: Entitlement?,
        _ principal: Principal, _ action: String, _ now: Timestamp, _ context: any AccessContext
    ) throws -> EntitlementView {
        let change = EntitlementChange(
            subject: subject, grant: grant, version: (current?.version ?? 0) + 1)
        guard case .applied(let entitlement) = change.applied(to: current, id: id, at: now) else {
            throw InternalFailure("a newer version of an entitlement was not taken")
        }
        try context.entitlements.save(entitlement)
        try context.changed(.user(subject.identifier), at: now)
        try context.audit(.done(action, on: subject.auditName, by: principal))
        return view(of: entitlement, subject, at: now)
    }

    /// Nil for somebody whom Accounts does not know; whether Access knows a service account is seen in its unit of work.
    private func known(_ subject: EntitlementSubject) async throws -> KnownSubject? {
        switch subject {
        case .user(let id):
            try await users.find(UserID(id)).map {
                KnownSubject(subject: subject, isAdministrator: $0.standing.isAdministrator)
            }
        case .serviceAccount: KnownSubject(subject: subject, isAdministrator: false)
        // There are no tenants yet.
        case .tenant: nil
        }
    }

    private func view(
        of entitlement: Entitlement?, _ subject: EntitlementSubject, at now: Timestamp
    ) -> EntitlementView {
        EntitlementView(
            subject: subject, entitlement: entitlement,
            effective: EffectivePlan(entitlement, catalog: catalog, at: now))
    }
}

private struct KnownSubject: Sendable {
    let subject: EntitlementSubject
    let isAdministrator: Bool
}

extension AccessContext {
    /// Nobody removes a service account between here and the commit.
    fileprivate func isThere(_ known: KnownSubject) throws -> Bool {
        guard case .serviceAccount(let account) = known.subject else { return true }
        return try serviceAccounts.lock(account) != nil
    }

    /// What somebody is given or loses by a plan is decided by those alone who may do all that they may.
    fileprivate func mayServe(_ known: KnownSubject, _ action: String, by principal: Principal) throws -> Bool {
        let rights: PermissionSet =
            switch known.subject {
            case .serviceAccount(let id): PermissionSet(roles: try serviceAccounts.roles(of: id))
            case .user, .tenant:
                try self.rights(of: known.subject.identifier, isAdministrator: known.isAdministrator)
            }
        return try mayWrite(before: rights, after: nil, action, on: known.subject.auditName, principal)
    }
}
