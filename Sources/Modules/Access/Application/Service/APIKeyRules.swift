import AccessContract
import AccessDomain
import AccountsContract
import Shared

extension PermissionSet {
    /// All that some roles give.
    init(roles: [Role]) { self.init(roles.flatMap(\.permissions.permissions)) }
}

extension Principal {
    func owns(_ key: APIKey) -> Bool { isPerson && key.owner.userID == userID }

    /// Who it was, if it was not the owner: to tell the owner.
    func other(than owner: APIKey.Owner) -> Identifier? { owner.userID == userID ? nil : userID }

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
        guard let owned = try rights(ofOwner: key.owner, isAdministrator: isAdministrator) else { return true }
        return RuleOfCover.allows(principal.permissions, before: owned, after: nil)
    }

    /// Nil for a key of nobody.
    private func rights(ofOwner owner: APIKey.Owner, isAdministrator: Bool) throws -> PermissionSet? {
        switch owner {
        case .user(let user, _): try rights(of: user, isAdministrator: isAdministrator)
        case .serviceAccount(let account): PermissionSet(roles: try serviceAccounts.roles(of: account))
        case .tenant, .platform: nil
        }
    }

    /// What somebody may do on the whole platform.
    func rights(of userID: Identifier, isAdministrator: Bool) throws -> PermissionSet {
        if isAdministrator { return .all }
        return PermissionSet(roles: try roles.roles(of: userID))
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
        let owner =
            key.owner.userID.map { "user:\($0)" } ?? key.owner.serviceAccountID.map { "service_account:\($0)" }
            ?? "platform"
        try audit(
            .refused(
                action, because: RoleRefusal.permissionDenied.rawValue, on: isNew ? owner : "api_key:\(key.id)",
                by: principal))
    }
}
