import AccessContract
import AccessDomain
import Shared

/// The unit of work of Access.
package typealias AccessWork = UnitOfWork<any AccessContext>

/// What a unit of work can reach.
package protocol AccessContext: UnitOfWorkContext {
    var services: any ServiceRepository { get }
    var roles: any RoleRepository { get }
    var apiKeys: any APIKeyRepository { get }
    var entitlements: any EntitlementRepository { get }
    var serviceAccounts: any ServiceAccountRepository { get }
    var keyUses: any KeyUseRepository { get }

    /// Tells every process, within a second of the commit, that what it remembers of this is stale.
    func changed(_ subject: AccessChange, at now: Timestamp) throws
}

/// What the memories of all processes are told of.
package enum AccessChange: Sendable, Hashable {
    /// Rights, plan or standing of a person; also of a tenant or a service account, whose identifiers are others.
    case user(Identifier)
    case apiKey(APIKeyID)
    /// Any of the services: they are read again together.
    case services
    /// Any of the roles: what everybody may do is stale.
    case roles
    /// Counts that somebody put back by hand.
    case usage(MeterSubject)
}
