import AccessContract
import AccessDomain
import AccountsContract
import Shared

extension Principal {
    func owns(_ key: APIKey) -> Bool { isPerson && key.owner.userID == userID }

    func sees(_ key: APIKey) -> Bool { owns(key) || may(AccessPermission.apiKeysRead) }
}

extension AccessContext {
    /// Whether somebody may make, change or end a key: their own always; any other with the right to manage keys, and
    /// what is in the key and what its owner may do must be theirs.
    ///
    /// - Parameters:
    ///   - before: what is in the key now; nil if it is made.
    ///   - after: what will be in it; nil if it ends.
    ///   - isAdministrator: whether its owner is one, which Accounts keeps.
    func mayManage(
        _ key: APIKey, before: PermissionSet?, after: PermissionSet?, ownedByAdministrator isAdministrator: Bool,
        by principal: Principal
    ) throws -> Bool {
        guard principal.isPerson else { return false }
        if principal.owns(key) {
            // A key that is there has the scopes that it has, and acts within its owner's rights in any case.
            return before != nil || RuleOfCover.allows(principal.permissions, before: nil, after: after)
        }
        guard principal.may(AccessPermission.apiKeysWrite),
            RuleOfCover.allows(principal.permissions, before: before, after: after)
        else { return false }
        guard let owner = key.owner.userID else { return true }
        return RuleOfCover.allows(
            principal.permissions, before: try rights(of: owner, isAdministrator: isAdministrator), after: nil)
    }

    /// What somebody may do on the whole platform.
    func rights(of userID: Identifier, isAdministrator: Bool) throws -> PermissionSet {
        if isAdministrator { return .all }
        return PermissionSet(try roles.roles(of: userID).flatMap(\.permissions.permissions))
    }

    /// Which of the listed services there are not, by their places in the list. Nobody deletes the others until this work
    /// ends: to be asked before anything else is locked, as a deletion does.
    func unknownServices(in texts: [String], field: String) throws -> InvalidFields? {
        let slugs = Set(texts.compactMap { ServiceSlug($0) }).subtracting([.gapura]).sorted()
        let missing = try slugs.filter { try services.lock($0) == nil }
        let problems = texts.enumerated().compactMap { index, text -> InvalidFields.Problem? in
            guard let slug = ServiceSlug(text), missing.contains(slug) else { return nil }
            return .init("\(field)[\(index)]", "is not the slug of a service")
        }
        return problems.isEmpty ? nil : InvalidFields(problems)
    }

    /// A line on the key, and one on its owner if it was somebody else who did it.
    func auditDone(_ action: String, on key: APIKey, by principal: Principal) throws {
        try audit(.done(action, on: "api_key:\(key.id)", by: principal))
        if let owner = key.owner.userID, owner != principal.userID {
            try audit(.done(action, on: "user:\(owner)", by: principal))
        }
    }

    func auditRefused(_ action: String, on key: APIKey, isNew: Bool = false, by principal: Principal) throws {
        let owner = key.owner.userID.map { "user:\($0)" } ?? "platform"
        try audit(
            .refused(
                action, because: RoleRefusal.permissionDenied.rawValue, on: isNew ? owner : "api_key:\(key.id)",
                by: principal))
    }
}
