import AccessApplication
import AccessContract
import AccessDomain
import Shared

/// What the in-memory store holds: a value, so that a unit of work changes a copy and keeps or drops it.
package struct AccessStore: Sendable {
    /// A line of the audit log.
    package struct AuditLine: Sendable, Equatable {
        package let entry: AuditEntry
        package let count: Int
    }

    package var services: [ServiceID: RegisteredService] = [:]
    /// With the built-in ones.
    package var roles: [RoleID: Role]
    package var userRoles: [Identifier: Set<RoleID>] = [:]
    package var apiKeys: [APIKeyID: APIKey] = [:]
    package var entitlements: [EntitlementSubject: Entitlement] = [:]
    /// What every process was told of, in order.
    package var changes: [AccessChange] = []
    /// What was published, in order.
    package var events: [any DomainEvent] = []
    package var auditTrail: [AuditLine] = []
    package var acceptedEvents: Set<Identifier> = []

    package init() {
        let builtIn = BuiltInRole.allCases.compactMap(\.platformRole)
        roles = Dictionary(uniqueKeysWithValues: builtIn.map { ($0.id, $0) })
    }

    /// The published events of one type.
    package func events<Event: DomainEvent>(of _: Event.Type) -> [Event] { events.compactMap { $0 as? Event } }

    /// `role.changed`, `service.changed` ...
    package var eventTypes: [String] { events.map { type(of: $0).type } }

    /// `done role.created`, `refused access.decide invalid_credential` ...
    package var auditLines: [String] {
        auditTrail.map { line in
            [line.entry.outcome.rawValue, line.entry.action, line.entry.reason].compactMap { $0 }
                .joined(separator: " ")
        }
    }
}
