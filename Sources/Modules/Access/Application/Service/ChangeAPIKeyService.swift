import AccessContract
import AccessDomain
import AccountsContract
import Shared

/// Gives a key another name, or lets it open other services.
package struct ChangeAPIKeyService: Sendable {
    private let work: any AccessWork
    private let users: any UserAdministration
    private let clock: any WallClock

    package init(work: any AccessWork, users: any UserAdministration, clock: any WallClock) {
        self.work = work
        self.users = users
        self.clock = clock
    }

    package func callAsFunction(_ command: ChangeAPIKeyCommand) async throws -> ChangeAPIKeyOutcome {
        let (now, principal) = (clock.now, command.principal)
        guard let seen = try await work.read({ try $0.apiKeys.find(command.id) }), principal.sees(seen) else {
            return .unknown
        }
        var isAdministrator = false
        if let owner = seen.owner.userID, owner != principal.userID {
            isAdministrator = try await users.find(UserID(owner))?.standing.isAdministrator ?? false
        }
        return try await work.write { [isAdministrator] context in
            let unknown = try context.unknownServices(in: command.services ?? [], field: "services")
            guard let key = try context.apiKeys.lock(command.id) else { return .unknown }
            let changed: APIKey
            do throws(InvalidFields) {
                changed = try key.changed(by: command)
            } catch {
                return .invalid(error)
            }
            guard
                try context.mayManage(
                    key, before: key.scopes, after: changed.scopes, ownedByAdministrator: isAdministrator,
                    by: principal)
            else {
                try context.auditRefused("api_key.changed", on: key, by: principal)
                return .permissionDenied
            }
            if let unknown { return .invalid(unknown) }
            guard key.state(at: now) == .open else { return .ended }
            guard changed != key else { return .changed(key) }
            try context.apiKeys.update(changed)
            try context.changed(.apiKey(key.id), at: now)
            try context.publish(APIKeyChanged(key, "changed", by: principal))
            try context.auditDone("api_key.changed", on: key, by: principal)
            return .changed(changed)
        }
    }
}

extension APIKeyChanged {
    /// - Parameter change: what became of it, as a stable code.
    init(_ key: APIKey, _ change: String, by principal: Principal) {
        self.init(
            keyID: key.id, userID: key.owner.userID, tenantID: key.owner.tenantID,
            serviceAccountID: key.owner.serviceAccountID, change: change,
            changedBy: principal.other(than: key.owner))
    }
}

extension APIKey {
    fileprivate func changed(by command: ChangeAPIKeyCommand) throws(InvalidFields) -> APIKey {
        var key = self
        var problems: [InvalidFields.Problem] = []
        if let name = command.name {
            if let objection = NameCharacters.objection(to: name, Self.nameLengths) {
                problems.append(.init("name", objection))
            }
            key.name = name
        }
        if let texts = command.services {
            do throws(InvalidFields) {
                let services = try KeyServices(texts: texts, field: "services")
                if services.isEmpty {
                    problems.append(.init("services", "must list a service; revoke the key instead"))
                }
                if kind == .gateway, services.slugs.contains(.gapura) {
                    problems.append(.init("services", "no gateway asks about gapura"))
                }
                key.open(services)
            } catch {
                problems += error.problems
            }
        }
        guard problems.isEmpty else { throw InvalidFields(problems) }
        return key
    }
}
