import AccessContract
import AccessDomain
import Shared

/// The unit of work: everything inside happens once or not at all.
package protocol AccessWork: Sendable {
    /// Runs `body` on the store's own thread, in one transaction. It may run again after a conflict, so it has no
    /// other effect. What it throws rolls back; a refusal that leaves a trace is therefore returned.
    func write<T: Sendable>(_ body: @escaping @Sendable (any AccessContext) throws -> T) async throws -> T

    /// Runs `body` on a consistent view, without changing it.
    func read<T: Sendable>(_ body: @escaping @Sendable (any AccessContext) throws -> T) async throws -> T
}

/// What a unit of work can reach. Not sendable: it cannot leave the closure.
package protocol AccessContext {
    var services: any ServiceRepository { get }
    var roles: any RoleRepository { get }
    var apiKeys: any APIKeyRepository { get }
    var entitlements: any EntitlementRepository { get }

    /// Tells every process, within a second of the commit, that what it remembers of this is stale.
    func changed(_ subject: AccessChange, at now: Timestamp) throws
    /// Tells others, if this work commits.
    func publish(_ event: some DomainEvent) throws
    /// Writes a line of the audit log.
    ///
    /// - Parameter count: how many equal refusals this is; a thing that was done happened once.
    func audit(_ entry: AuditEntry, count: Int) throws
    /// Notes that a consumer has had an event.
    ///
    /// - Returns: false if it had it before: then do nothing.
    func accept(eventID: Identifier, at now: Timestamp) throws -> Bool
}

extension AccessContext {
    package func audit(_ entry: AuditEntry) throws { try audit(entry, count: 1) }
}

/// What the memories of all processes are told of.
package enum AccessChange: Sendable, Hashable {
    /// Rights, plan or standing of a person.
    case user(Identifier)
    case apiKey(APIKeyID)
    /// Any of the services: they are read again together.
    case services
    /// Any of the roles: what everybody may do is stale.
    case roles
    /// Counts that somebody put back by hand.
    case usage(MeterSubject)
}
