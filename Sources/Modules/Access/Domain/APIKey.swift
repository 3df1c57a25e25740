import AccessContract
import Shared

/// A key of a program: it acts within its scopes and within what its owner may do at that moment.
package struct APIKey: Sendable, Equatable {
    package enum Owner: Sendable, Hashable {
        /// A person; inside a tenant if there is one, and then only as long as the membership lasts.
        case user(Identifier, in: TenantID?)
        /// The tenant itself.
        case tenant(TenantID)

        package var tenantID: TenantID? {
            switch self {
            case .user(_, let tenant): tenant
            case .tenant(let tenant): tenant
            }
        }

        /// Nil for a tenant's own key.
        package var userID: Identifier? {
            switch self {
            case .user(let user, _): user
            case .tenant: nil
            }
        }

        /// The person's or the tenant's.
        package var identifier: Identifier {
            switch self {
            case .user(let user, _): user
            case .tenant(let tenant): tenant.value
            }
        }
    }

    package enum State: Sendable, Equatable {
        case open
        case expired
        case revoked
    }

    package static let scopesMax = 64
    /// How many keys of one owner may be open at a time.
    package static let openMax = 100
    /// A use is noted if the last one noted is so long ago.
    package static let useInterval: Duration = .seconds(60)

    package let id: APIKeyID
    package var name: String
    package let prefix: APIKeyPrefix
    /// SHA-256 of the secret.
    package let hash: [UInt8]
    package let owner: Owner
    package let scopes: PermissionSet
    package let createdAt: Timestamp
    /// Nil: never.
    package let expiresAt: Timestamp?
    package var lastUsedAt: Timestamp?
    package var revokedAt: Timestamp?

    package init(
        id: APIKeyID, name: String, prefix: APIKeyPrefix, hash: [UInt8], owner: Owner, scopes: PermissionSet,
        createdAt: Timestamp, expiresAt: Timestamp?, lastUsedAt: Timestamp? = nil, revokedAt: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.prefix = prefix
        self.hash = hash
        self.owner = owner
        self.scopes = scopes
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
        self.revokedAt = revokedAt
    }

    package func state(at now: Timestamp) -> State {
        if revokedAt != nil { return .revoked }
        if let expiresAt, expiresAt <= now { return .expired }
        return .open
    }

    /// Whether a secret is this key's. It takes the same time wherever the digests differ.
    ///
    /// - Parameter digest: SHA-256 of the secret that came.
    package func matches(_ digest: [UInt8]) -> Bool {
        guard digest.count == hash.count, !hash.isEmpty else { return false }
        var difference: UInt8 = 0
        for index in hash.indices { difference |= hash[index] ^ digest[index] }
        return difference == 0
    }

    /// What the key may do.
    ///
    /// - Parameter ownerRights: what its owner may do now, in the key's tenant.
    package func rights(within ownerRights: CallerRights) -> CallerRights { ownerRights.limited(to: scopes) }

    /// - Returns: whether the use is to be stored: at most once a minute.
    package mutating func noteUse(at now: Timestamp) -> Bool {
        if let lastUsedAt, now - lastUsedAt < Self.useInterval { return false }
        lastUsedAt = now
        return true
    }

    /// - Returns: false if it was revoked before.
    package mutating func revoke(at now: Timestamp) -> Bool {
        guard revokedAt == nil else { return false }
        revokedAt = now
        return true
    }
}

/// A key as somebody wants it, unchecked.
package struct APIKeyDraft: Sendable {
    package var name: String
    package var scopes: [String]
    package var expiresAt: Timestamp?

    package init(name: String, scopes: [String], expiresAt: Timestamp? = nil) {
        self.name = name
        self.scopes = scopes
        self.expiresAt = expiresAt
    }

    /// - Throws: every bad field. Whether the maker has the rights himself is the next question:
    ///   `PermissionSet.covers`.
    package func validated(
        at now: Timestamp, _ registry: PermissionRegistry
    ) throws(InvalidFields) -> PermissionSet {
        var problems: [InvalidFields.Problem] = []
        let isName =
            (1...100).contains(name.unicodeScalars.count)
            && name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        if !isName { problems.append(.init("name", "must have 1 to 100 characters, no control characters")) }
        if scopes.isEmpty || scopes.count > APIKey.scopesMax {
            problems.append(.init("scopes", "must have 1 to \(APIKey.scopesMax) entries"))
        }
        if let expiresAt, expiresAt <= now { problems.append(.init("expires_at", "must be in the future")) }
        var set = PermissionSet.empty
        do throws(InvalidFields) {
            set = try PermissionSet(
                texts: Array(scopes.prefix(APIKey.scopesMax)), field: "scopes", of: registry, on: .any)
        } catch {
            problems += error.problems
        }
        guard problems.isEmpty else { throw InvalidFields(problems) }
        return set
    }
}
