import AccessContract
import Shared

/// A key of a program: it opens the services that it lists, within its scopes and within what its owner may do at that
/// moment. A gateway's key opens nothing: it asks about the services that it lists.
package struct APIKey: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Of a person.
        case personal
        /// Of a service account, or of a tenant itself.
        case serviceAccount = "service_account"
        /// Of the platform, for a gateway or a service; never a caller.
        case gateway
    }

    package enum Owner: Sendable, Hashable {
        /// A person; inside a tenant if there is one, and then only as long as the membership lasts.
        case user(Identifier, in: TenantID?)
        /// The tenant itself.
        case tenant(TenantID)
        /// A service account: it outlives whoever made it.
        case serviceAccount(ServiceAccountID)
        /// Nobody: it outlives whoever made it.
        case platform

        package var kind: Kind {
            switch self {
            case .user: .personal
            case .tenant, .serviceAccount: .serviceAccount
            case .platform: .gateway
            }
        }

        package var tenantID: TenantID? {
            switch self {
            case .user(_, let tenant): tenant
            case .tenant(let tenant): tenant
            case .serviceAccount, .platform: nil
            }
        }

        /// Nil for a key of anybody else.
        package var serviceAccountID: ServiceAccountID? {
            if case .serviceAccount(let account) = self { account } else { nil }
        }

        /// Nil for a key of no person.
        package var userID: Identifier? { if case .user(let user, _) = self { user } else { nil } }

        package var holder: Holder {
            switch self {
            case .user(let user, _): .user(user)
            case .tenant(let tenant): .tenant(tenant)
            case .serviceAccount(let account): .serviceAccount(account)
            case .platform: .platform
            }
        }
    }

    /// Whose keys are looked for.
    package enum Holder: Sendable, Hashable {
        case user(Identifier)
        case tenant(TenantID)
        case serviceAccount(ServiceAccountID)
        case platform

        /// How many keys may be open at a time.
        package var openMax: Int {
            switch self {
            case .user, .tenant, .serviceAccount: 100
            case .platform: 1_000
            }
        }
    }

    package enum State: Sendable, Equatable {
        case open
        case expired
        case revoked
    }

    /// A secret that was replaced.
    package struct Previous: Sendable, Equatable {
        package let hash: [UInt8]
        /// The first moment at which it does not count any more.
        package let until: Timestamp

        package init(hash: [UInt8], until: Timestamp) {
            self.hash = hash
            self.until = until
        }
    }

    package static let scopesMax = 64
    /// How long a secret that was replaced may go on counting.
    package static let overlapMax: Duration = .seconds(30 * 86_400)
    /// A use is noted if the last one noted is so long ago.
    package static let useInterval: Duration = .seconds(60)

    package let id: APIKeyID
    package var name: String
    package let prefix: APIKeyPrefix
    /// SHA-256 of the secret.
    package private(set) var hash: [UInt8]
    /// Of the secret before, as long as it counts beside the new one.
    package private(set) var previous: Previous?
    package let owner: Owner
    package private(set) var services: KeyServices
    package private(set) var scopes: PermissionSet
    package let createdAt: Timestamp
    /// Nil: never.
    package let expiresAt: Timestamp?
    package var lastUsedAt: Timestamp?
    package var revokedAt: Timestamp?

    package init(
        id: APIKeyID, name: String, prefix: APIKeyPrefix, hash: [UInt8], owner: Owner, services: KeyServices,
        scopes: PermissionSet, createdAt: Timestamp, expiresAt: Timestamp?, lastUsedAt: Timestamp? = nil,
        revokedAt: Timestamp? = nil, previous: Previous? = nil
    ) {
        self.id = id
        self.name = name
        self.prefix = prefix
        self.hash = hash
        self.previous = previous
        self.owner = owner
        self.services = services
        self.scopes = scopes
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
        self.revokedAt = revokedAt
    }

    package var kind: Kind { owner.kind }

    /// A key of a version that knew neither kinds nor services: if all of its scopes are for asking the gate, it is a
    /// gateway's and asks on; any other opens nothing until its owner lists services.
    package static func adopted(
        owner: Owner, scopes: PermissionSet
    ) -> (owner: Owner, services: KeyServices) {
        guard case .user(_, in: nil) = owner, let services = KeyServices(checks: scopes) else {
            return (owner, .none)
        }
        return (.platform, services)
    }

    package func state(at now: Timestamp) -> State {
        if revokedAt != nil { return .revoked }
        if let expiresAt, expiresAt <= now { return .expired }
        return .open
    }

    /// Whether a secret is this key's. It takes the same time wherever the digests differ.
    ///
    /// - Parameter digest: SHA-256 of the secret that came.
    package func matches(_ digest: [UInt8]) -> Bool { Self.isEqual(hash, digest) }

    /// Whether a secret is the one that was replaced, and counts still.
    package func matchesPrevious(_ digest: [UInt8], at now: Timestamp) -> Bool {
        previous.map { now < $0.until && Self.isEqual($0.hash, digest) } ?? false
    }

    private static func isEqual(_ hash: [UInt8], _ digest: [UInt8]) -> Bool {
        guard digest.count == hash.count, !hash.isEmpty else { return false }
        var difference: UInt8 = 0
        for index in hash.indices { difference |= hash[index] ^ digest[index] }
        return difference == 0
    }

    /// Takes another secret. The one that counts now goes on for a while; one that was replaced a moment ago, and counts
    /// still, goes on instead: it is the one that programs have, and the secret between may have reached nobody.
    ///
    /// - Parameters:
    ///   - hash: of the new secret.
    ///   - overlap: how long the old one counts; zero ends every old one at once.
    package mutating func rotate(to hash: [UInt8], overlap: Duration, at now: Timestamp) {
        let end = now + min(max(.zero, overlap), Self.overlapMax)
        let kept = previous.flatMap { now < $0.until ? $0.hash : nil } ?? self.hash
        previous = now < end ? Previous(hash: kept, until: end) : nil
        self.hash = hash
    }

    /// What the key may do.
    ///
    /// - Parameter ownerRights: what its owner may do now, in the key's tenant.
    package func rights(within ownerRights: CallerRights) -> CallerRights { ownerRights.limited(to: scopes) }

    /// Lists other services. What a gateway's key may ask about goes with them.
    package mutating func open(_ services: KeyServices) {
        self.services = services
        if kind == .gateway { scopes = services.checks }
    }

    /// A service is gone: the key says nothing of it any more.
    package mutating func forget(_ slug: ServiceSlug) {
        services = services.removing(slug)
        scopes = scopes.filter { $0 != .check(slug) }
    }

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
