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

    /// Somebody's roles by name, but for `admin`, which Accounts keeps.
    func roles(of userID: Identifier) throws -> [Role]
    /// Like `roles(of:)`, and nobody else changes them until this work ends.
    func lockRoles(of userID: Identifier) throws -> [Role]
    func setRoles(of userID: Identifier, to roles: [RoleID], at now: Timestamp) throws
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
    /// The newest first.
    ///
    /// - Parameter holder: whose; nil for everybody's.
    func list(of holder: APIKey.Holder?, _ page: PageRequest) throws -> Page<APIKey>
    func all(of holder: APIKey.Holder) throws -> [APIKey]
    func insert(_ key: APIKey) throws
    /// Writes the name, the services, when it was used last and when it was revoked.
    func update(_ key: APIKey) throws
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
    func delete(_ subject: EntitlementSubject) throws
}
