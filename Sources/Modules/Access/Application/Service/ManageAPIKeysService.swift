import AccessContract
import AccessDomain
import AccountsContract
import Shared

/// Keys of programs. Everybody signed in manages his own; other people's by right. A key manages no keys.
package struct ManageAPIKeysService: Sendable {
    private let work: any AccessWork
    private let users: any UserAdministration
    private let registry: PermissionRegistry
    private let digest: any KeyDigest
    private let random: any RandomSource
    private let clock: any WallClock

    package init(
        work: any AccessWork, users: any UserAdministration, registry: PermissionRegistry, digest: any KeyDigest,
        random: any RandomSource, clock: any WallClock
    ) {
        self.work = work
        self.users = users
        self.registry = registry
        self.digest = digest
        self.random = random
        self.clock = clock
    }

    /// The newest first.
    package func list(
        _ whose: APIKeyListing, _ part: PageRequest<NewestFirst>, for principal: Principal
    ) async throws -> ListAPIKeysOutcome {
        let holder: APIKey.Holder? =
            switch whose {
            case .own where principal.isServiceAccount: .serviceAccount(ServiceAccountID(principal.userID))
            case .own: .user(principal.userID)
            case .of(let user): .user(user.value)
            case .ofServiceAccount(let account): .serviceAccount(account)
            case .everybody: nil
            }
        let isOwn = principal.isPerson && holder == .user(principal.userID)
        guard isOwn || principal.may(AccessPermission.apiKeysRead) else { return .permissionDenied }
        return .listed(try await work.read { try $0.apiKeys.list(of: holder, part) })
    }

    /// Nil also for a key that this caller may not see.
    package func find(_ id: APIKeyID, for principal: Principal) async throws -> APIKey? {
        let key = try await work.read { try $0.apiKeys.find(id) }
        return key.flatMap { principal.sees($0) ? $0 : nil }
    }

    /// Makes a key under the given id; what is there under it already is the answer, without its text.
    package func create(_ command: CreateAPIKeyCommand) async throws -> CreateAPIKeyOutcome {
        let now = clock.now
        let principal = command.principal
        let checked: APIKeyDraft.Checked
        do throws(InvalidFields) {
            checked = try command.draft.validated(at: now, registry)
        } catch {
            return .invalid(error)
        }
        let owner: APIKey.Owner
        do throws(InvalidFields) {
            owner = try command.owner(of: checked.kind)
        } catch {
            return .invalid(error)
        }
        let text = APIKeyText(random: random)
        let key = APIKey(
            id: command.id, name: command.draft.name, prefix: text.prefix,
            hash: digest.digest(of: text.secret.reveal()), owner: owner, services: checked.services,
            scopes: checked.scopes, createdAt: now, expiresAt: command.draft.expiresAt)
        let standing = try await standingOfOther(key, principal)
        return try await work.write { context in
            if let made = try context.apiKeys.find(key.id) { return .created(made, text: nil) }
            if let account = key.owner.serviceAccountID {
                // Who may not manage keys at all learns of no account.
                let isThere = try context.serviceAccounts.lock(account) != nil
                guard isThere || !principal.may(AccessPermission.apiKeysWrite) else { return .unknownServiceAccount }
            }
            guard
                try context.mayManage(
                    key, before: nil, after: key.scopes,
                    ownedByAdministrator: standing?.isAdministrator ?? true, by: principal)
            else {
                try context.auditRefused("api_key.created", on: key, isNew: true, by: principal)
                return .permissionDenied
            }
            if let userID = key.owner.userID, userID != principal.userID, standing == nil { return .unknownOwner }
            if let unknown = try context.unknownServices(in: command.listed, field: "services") {
                return .invalid(unknown)
            }
            let holder = key.owner.holder
            let open = try context.apiKeys.all(of: holder).count { $0.state(at: now) == .open }
            guard open < holder.openMax else { return .tooMany(max: holder.openMax) }
            try context.apiKeys.insert(key)
            try context.changed(.apiKey(key.id), at: now)
            try context.publish(APIKeyCreated(key, by: principal))
            try context.auditDone("api_key.created", on: key, by: principal)
            return .created(key, text: text.text)
        }
    }

    /// A second time is the same as once.
    package func revoke(_ id: APIKeyID, by principal: Principal) async throws -> RevokeAPIKeyOutcome {
        let now = clock.now
        guard let seen = try await find(id, for: principal) else { return .unknown }
        let standing = try await standingOfOther(seen, principal)
        return try await work.write { context in
            guard var key = try context.apiKeys.lock(id), principal.sees(key) else { return .unknown }
            guard
                try context.mayManage(
                    key, before: key.scopes, after: nil, ownedByAdministrator: standing?.isAdministrator ?? false,
                    by: principal)
            else {
                try context.auditRefused("api_key.revoked", on: key, by: principal)
                return .permissionDenied
            }
            guard key.revoke(at: now) else { return .revoked }
            try context.apiKeys.update(key)
            try context.changed(.apiKey(id), at: now)
            try context.publish(
                APIKeyRevoked(
                    keyID: id, userID: key.owner.userID, tenantID: key.owner.tenantID,
                    serviceAccountID: key.owner.serviceAccountID, reason: "revoked",
                    revokedBy: principal.other(than: key.owner)))
            try context.auditDone("api_key.revoked", on: key, by: principal)
            return .revoked
        }
    }

    /// What Accounts says of a key's owner; nil for nobody, for whoever acts, and for somebody who is gone.
    private func standingOfOther(_ key: APIKey, _ principal: Principal) async throws -> UserStanding? {
        guard let owner = key.owner.userID, owner != principal.userID else { return nil }
        return try await users.find(UserID(owner))?.standing
    }
}

extension CreateAPIKeyCommand {
    /// Whose the key will be.
    ///
    /// - Throws: an owner who does not go with the kind, or none where there must be one.
    fileprivate func owner(of kind: APIKey.Kind) throws(InvalidFields) -> APIKey.Owner {
        if let serviceAccount, kind == .serviceAccount, owner == nil { return .serviceAccount(serviceAccount) }
        var problems: [InvalidFields.Problem] = []
        if owner != nil, kind != .personal {
            let whose = kind == .gateway ? "a gateway" : "a service account"
            problems.append(.init("user_id", "the key of \(whose) belongs to no person"))
        }
        if serviceAccount != nil, kind != .serviceAccount {
            problems.append(.init("service_account_id", "goes with the kind service_account only"))
        }
        if serviceAccount == nil, kind == .serviceAccount {
            problems.append(.init("service_account_id", "must say whose key it is"))
        }
        guard problems.isEmpty else { throw InvalidFields(problems) }
        return kind == .gateway ? .platform : .user(owner?.value ?? principal.userID, in: nil)
    }

    /// Under the names that they came by.
    fileprivate var listed: [String] {
        if !draft.services.isEmpty { return draft.services }
        let scopes = PermissionSet(draft.scopes.compactMap { Permission($0) })
        return KeyServices(checks: scopes)?.texts ?? []
    }
}

extension APIKeyCreated {
    fileprivate init(_ key: APIKey, by principal: Principal) {
        self.init(
            keyID: key.id, userID: key.owner.userID, tenantID: key.owner.tenantID,
            serviceAccountID: key.owner.serviceAccountID, kind: key.kind.rawValue,
            madeBy: principal.other(than: key.owner))
    }
}
