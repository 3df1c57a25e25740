import AccessContract
import AccessDomain
import Shared

/// Callers of their own that are no person. Who may manage them at all is decided before; here it counts what an
/// account may do and will be able to do: only who may do all of it writes it.
package struct ManageServiceAccountsService: Sendable {
    private let work: any AccessWork
    private let meter: any Meter
    private let clock: any WallClock

    package init(work: any AccessWork, meter: any Meter, clock: any WallClock) {
        self.work = work
        self.meter = meter
        self.clock = clock
    }

    /// The newest first.
    package func list(_ part: PageRequest<NewestFirst>) async throws -> Page<ServiceAccountView, NewestFirst> {
        try await work.read { context in
            try context.serviceAccounts.list(part).map { try context.view(of: $0) }
        }
    }

    package func find(_ id: ServiceAccountID) async throws -> ServiceAccountView? {
        try await work.read { context in
            try context.serviceAccounts.find(id).map { try context.view(of: $0) }
        }
    }

    /// Makes an account under the given id; what is there under it already is the answer.
    package func create(_ command: CreateServiceAccountCommand) async throws -> ServiceAccountOutcome {
        let now = clock.now
        do throws(InvalidFields) {
            try ServiceAccount.validate(name: command.name)
        } catch {
            return .invalid(error)
        }
        let account = ServiceAccount(id: command.id, name: command.name, createdAt: now, updatedAt: now)
        return try await work.write { context in
            if let made = try context.serviceAccounts.find(account.id) { return .done(try context.view(of: made)) }
            let roles: [Role]
            switch try context.lockRoles(named: command.roles) {
            case .failure(let invalid): return .invalid(invalid)
            case .success(let found): roles = found
            }
            guard
                try context.mayWrite(
                    before: nil, after: PermissionSet(roles: roles), "service_account.created",
                    on: account.auditName, command.principal)
            else { return .permissionDenied }
            try context.serviceAccounts.insert(account)
            try context.serviceAccounts.setRoles(of: account.id, to: roles.map(\.id), at: now)
            try context.tell(account, "service_account.created", by: command.principal, at: now)
            return .done(ServiceAccountView(account, roles: roles))
        }
    }

    package func change(_ command: ChangeServiceAccountCommand) async throws -> ServiceAccountOutcome {
        let now = clock.now
        if let name = command.name {
            do throws(InvalidFields) {
                try ServiceAccount.validate(name: name)
            } catch {
                return .invalid(error)
            }
        }
        return try await work.write { context in
            guard var account = try context.serviceAccounts.lock(command.id) else { return .unknown }
            let held = try context.serviceAccounts.roles(of: account.id)
            var roles = held
            if let names = command.roles {
                switch try context.lockRoles(named: names) {
                case .failure(let invalid): return .invalid(invalid)
                case .success(let found): roles = found
                }
            }
            guard
                try context.mayWrite(
                    before: PermissionSet(roles: held), after: PermissionSet(roles: roles), "service_account.changed",
                    on: account.auditName, command.principal)
            else { return .permissionDenied }
            let isOther = account.change(name: command.name, isActive: command.isActive, at: now)
            let hasOtherRoles = held.map(\.id) != roles.map(\.id)
            guard isOther || hasOtherRoles else { return .done(ServiceAccountView(account, roles: held)) }
            if hasOtherRoles {
                account.touch(at: now)
                try context.serviceAccounts.setRoles(of: account.id, to: roles.map(\.id), at: now)
            }
            try context.serviceAccounts.update(account)
            try context.tell(account, "service_account.changed", by: command.principal, at: now)
            return .done(ServiceAccountView(account, roles: roles))
        }
    }

    /// Its keys open nothing any more, and nothing is kept of what it used.
    package func delete(_ id: ServiceAccountID, by principal: Principal) async throws -> ServiceAccountOutcome {
        let now = clock.now
        let outcome: ServiceAccountOutcome = try await work.write { context in
            guard let account = try context.serviceAccounts.lock(id) else { return .unknown }
            let view = try context.view(of: account)
            guard
                try context.mayWrite(
                    before: PermissionSet(roles: view.roles), after: nil, "service_account.deleted",
                    on: account.auditName, principal)
            else { return .permissionDenied }
            try context.endKeys(of: id, by: principal, at: now)
            _ = try context.entitlements.lock(.serviceAccount(id))
            try context.entitlements.delete(.serviceAccount(id))
            try context.serviceAccounts.delete(id)
            try context.changed(.usage(.serviceAccount(id)), at: now)
            try context.tell(account, "service_account.deleted", by: principal, at: now)
            return .done(view)
        }
        // After the commit, since who is refused loses no counts; what stays for a failure ends by its age.
        if case .done = outcome { try? await meter.reset(.serviceAccount(id)) }
        return outcome
    }
}

extension ServiceAccount {
    fileprivate var auditName: String { EntitlementSubject.serviceAccount(id).auditName }
}

extension AccessContext {
    fileprivate func view(of account: ServiceAccount) throws -> ServiceAccountView {
        ServiceAccountView(account, roles: try serviceAccounts.roles(of: account.id))
    }

    /// The roles of the platform that have these names, by name; nobody removes or changes them until this work ends.
    fileprivate func lockRoles(named names: [String]) throws -> Result<[Role], InvalidFields> {
        let all = try roles.all()
        let problems = names.enumerated().compactMap { index, name -> InvalidFields.Problem? in
            all.contains { $0.name == name } ? nil : .init("roles[\(index)]", "is not the name of a role")
        }
        guard problems.isEmpty else { return .failure(InvalidFields(problems)) }
        let wanted = all.filter { names.contains($0.name) }.map(\.id)
        // Read again under its lock: it may be another one by now.
        for id in wanted { _ = try roles.lock(id) }
        return .success(try roles.all().filter { wanted.contains($0.id) })
    }

    fileprivate func endKeys(of account: ServiceAccountID, by principal: Principal, at now: Timestamp) throws {
        for id in try apiKeys.all(of: .serviceAccount(account)).map(\.id).sorted() {
            guard var key = try apiKeys.lock(id) else { continue }
            // Behind the lock, so that no process adds to it meanwhile.
            try keyUses.removeAll(of: id)
            guard key.revoke(at: now) else { continue }
            try apiKeys.update(key)
            try changed(.apiKey(id), at: now)
            try publish(
                APIKeyRevoked(
                    keyID: id, userID: nil, tenantID: nil, serviceAccountID: account, reason: "owner_deleted"))
            try audit(.done("api_key.revoked", on: "api_key:\(id)", by: principal))
        }
    }

    fileprivate func tell(
        _ account: ServiceAccount, _ action: String, by principal: Principal, at now: Timestamp
    ) throws {
        try changed(.user(account.id.value), at: now)
        try publish(ServiceAccountChanged(account.id))
        try audit(.done(action, on: account.auditName, by: principal))
    }
}
