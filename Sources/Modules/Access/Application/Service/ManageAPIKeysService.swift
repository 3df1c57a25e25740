import AccessContract
import AccessDomain
import AccountsContract
import Shared

package struct ManageAPIKeysService: ManageAPIKeys {
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

    package func list(
        _ whose: APIKeyListing, _ part: PageRequest<NewestFirst>, for principal: Principal
    ) async throws -> ListAPIKeysOutcome {
        let owner: Identifier? =
            switch whose {
            case .own: principal.userID
            case .of(let user): user.value
            case .everybody: nil
            }
        let isOwn = principal.isPerson && owner == principal.userID
        guard isOwn || principal.may(AccessPermission.apiKeysRead) else { return .permissionDenied }
        return .listed(try await work.read { try $0.apiKeys.list(of: owner, part) })
    }

    package func find(_ id: APIKeyID, for principal: Principal) async throws -> APIKey? {
        let key = try await work.read { try $0.apiKeys.find(id) }
        return key.flatMap { principal.sees($0) ? $0 : nil }
    }

    package func create(_ command: CreateAPIKeyCommand) async throws -> CreateAPIKeyOutcome {
        let now = clock.now
        let principal = command.principal
        let owner = command.owner?.value ?? principal.userID
        let scopes: PermissionSet
        do throws(InvalidFields) {
            scopes = try command.draft.validated(at: now, registry)
        } catch {
            return .invalid(error)
        }
        let mayMake =
            principal.isPerson && principal.permissions.covers(scopes)
            && (owner == principal.userID || principal.may(AccessPermission.apiKeysWrite))
        if mayMake, owner != principal.userID, try await users.find(UserID(owner)) == nil { return .unknownOwner }
        let text = APIKeyText(random: random)
        let key = APIKey(
            id: command.id, name: command.draft.name, prefix: text.prefix,
            hash: digest.digest(of: text.secret.reveal()),
            owner: .user(owner, in: nil), scopes: scopes, createdAt: now, expiresAt: command.draft.expiresAt)
        return try await work.write { context in
            if let made = try context.apiKeys.find(key.id) { return .created(made, text: nil) }
            guard mayMake else {
                let reason = RoleRefusal.permissionDenied.rawValue
                try context.audit(.refused("api_key.created", because: reason, on: "user:\(owner)", by: principal))
                return .permissionDenied
            }
            let open = try context.apiKeys.all(of: owner).count { $0.state(at: now) == .open }
            guard open < APIKey.openMax else { return .tooMany }
            try context.apiKeys.insert(key)
            try context.changed(.apiKey(key.id), at: now)
            try context.publish(APIKeyCreated(keyID: key.id, userID: owner, tenantID: nil))
            try context.audit(.done("api_key.created", on: "api_key:\(key.id)", by: principal))
            return .created(key, text: text.text)
        }
    }

    package func revoke(_ id: APIKeyID, by principal: Principal) async throws -> RevokeAPIKeyOutcome {
        let now = clock.now
        return try await work.write { context in
            guard var key = try context.apiKeys.lock(id), principal.sees(key) else { return .unknown }
            guard principal.owns(key) || principal.may(AccessPermission.apiKeysWrite) else {
                return .permissionDenied
            }
            guard key.revoke(at: now) else { return .revoked }
            try context.apiKeys.update(key)
            try context.changed(.apiKey(id), at: now)
            try context.publish(
                APIKeyRevoked(keyID: id, userID: key.owner.userID, tenantID: key.owner.tenantID, reason: "revoked"))
            try context.audit(.done("api_key.revoked", on: "api_key:\(id)", by: principal))
            return .revoked
        }
    }
}

extension Principal {
    fileprivate func owns(_ key: APIKey) -> Bool { isPerson && key.owner.userID == userID }

    fileprivate func sees(_ key: APIKey) -> Bool { owns(key) || may(AccessPermission.apiKeysRead) }
}
