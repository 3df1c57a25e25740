import AccessContract
import AccessDomain
import Shared

package protocol ServiceRepository {
    /// By slug.
    func all() throws -> [RegisteredService]
    func find(_ slug: ServiceSlug) throws -> RegisteredService?
    /// Like `find`, and nobody else changes the service until this work ends.
    func lock(_ slug: ServiceSlug) throws -> RegisteredService?
    /// - Returns: false if the slug is taken; nothing is changed then.
    func insert(_ service: RegisteredService) throws -> Bool
    func update(_ service: RegisteredService) throws
    /// Whether another service has this audience; nobody else takes it until this work ends.
    func isAudienceTaken(_ audience: String, except id: ServiceID) throws -> Bool
    func delete(_ id: ServiceID) throws
}

package protocol RoleRepository {
    /// Those of the platform by name; `admin` and `support` are among them.
    func all() throws -> [Role]
    func find(_ id: RoleID) throws -> Role?
    /// Like `find`, and nobody else changes or assigns the role until this work ends.
    func lock(_ id: RoleID) throws -> Role?
    /// - Returns: false if the name is taken; nothing is changed then.
    func insert(_ role: Role) throws -> Bool
    /// - Returns: false if the name is taken; nothing is changed then.
    func update(_ role: Role) throws -> Bool
    func delete(_ id: RoleID) throws
    /// Those that list exactly this permission, but for the built-in ones; nobody else changes them until this work
    /// ends.
    func lockAll(granting permission: Permission) throws -> [Role]

    /// Somebody's roles by name, but for `admin`, which Accounts keeps.
    func roles(of userID: Identifier) throws -> [Role]
    /// Like `roles(of:)`, and nobody else changes them until this work ends.
    func lockRoles(of userID: Identifier) throws -> [Role]
    func setRoles(of userID: Identifier, to roles: [RoleID], at now: Timestamp) throws
    /// How many people and service accounts have it.
    func holderCount(_ id: RoleID) throws -> Int
    /// Everybody's roles of the platform, but for `admin`.
    func assignments() throws -> [RoleAssignment]
}

/// That somebody has a role.
package struct RoleAssignment: Sendable, Equatable {
    package let userID: Identifier
    package let role: Role

    package init(userID: Identifier, role: Role) {
        self.userID = userID
        self.role = role
    }
}

package protocol APIKeyRepository {
    func find(_ id: APIKeyID) throws -> APIKey?
    func find(_ prefix: APIKeyPrefix) throws -> APIKey?
    /// Of every key there ever was.
    func prefixes() throws -> [APIKeyPrefix]
    /// Like `find`, and nobody else changes the key until this work ends.
    func lock(_ id: APIKeyID) throws -> APIKey?
    /// Those of these keys that are not revoked; nobody revokes them until this work ends.
    func lockUnrevoked(_ ids: Set<APIKeyID>) throws -> Set<APIKeyID>
    /// The newest first.
    ///
    /// - Parameter holder: whose; nil for everybody's.
    func list(of holder: APIKey.Holder?, _ part: PageRequest<NewestFirst>) throws -> Page<APIKey, NewestFirst>
    func all(of holder: APIKey.Holder) throws -> [APIKey]
    func insert(_ key: APIKey) throws
    /// Writes all but the owner, the prefix, and when it was made and ends.
    func update(_ key: APIKey) throws
    /// Those that list a service or have the scope to ask about it; nobody else changes them until this work ends.
    func lockAll(naming service: ServiceSlug) throws -> [APIKey]
    /// Keys that a version wrote which knew no kinds, with what they are now; nobody else changes them until this work
    /// ends, and `update` writes their kind.
    func lockWithoutKind() throws -> [APIKey]
    /// How many keys that are open list no service.
    func countWithoutServices(at now: Timestamp) throws -> Int
}

package protocol EntitlementRepository {
    func find(_ subject: EntitlementSubject) throws -> Entitlement?
    /// Like `find`, and nobody else changes it until this work ends, even if there is none yet.
    func lock(_ subject: EntitlementSubject) throws -> Entitlement?
    func save(_ entitlement: Entitlement) throws
    /// Those with a limit for this service alone; nobody else changes them until this work ends.
    func lockAll(limiting service: ServiceSlug) throws -> [Entitlement]
    func delete(_ subject: EntitlementSubject) throws
}

package protocol ServiceAccountRepository {
    func find(_ id: ServiceAccountID) throws -> ServiceAccount?
    /// Like `find`, and nobody else changes the account, its roles or its keys until this work ends.
    func lock(_ id: ServiceAccountID) throws -> ServiceAccount?
    /// The newest first.
    func list(_ part: PageRequest<NewestFirst>) throws -> Page<ServiceAccount, NewestFirst>
    func insert(_ account: ServiceAccount) throws
    /// Writes all but the tenant and when it was made.
    func update(_ account: ServiceAccount) throws
    /// With its roles.
    func delete(_ id: ServiceAccountID) throws
    /// By name.
    func roles(of id: ServiceAccountID) throws -> [Role]
    func setRoles(of id: ServiceAccountID, to roles: [RoleID], at now: Timestamp) throws
}

/// What keys have used, by day.
package protocol KeyUseRepository {
    /// Adds to what there is.
    func add(_ uses: [KeyUse]) throws
    /// The oldest day first; days without use are left out.
    ///
    /// - Parameters:
    ///   - from: the first moment at which a day may begin.
    ///   - to: the first moment at which it may not begin any more.
    func days(of key: APIKeyID, from: Timestamp, to: Timestamp) throws -> [KeyUse]
    func removeAll(of key: APIKeyID) throws
}
