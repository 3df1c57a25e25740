import AccessContract
import AccessDomain
import Shared

/// The services behind the gate.
package struct ManageServicesService: Sendable {
    private let work: any AccessWork
    private let registry: PermissionRegistry
    private let clock: any WallClock

    package init(work: any AccessWork, registry: PermissionRegistry, clock: any WallClock) {
        self.work = work
        self.registry = registry
        self.clock = clock
    }

    /// By slug.
    package func list() async throws -> [RegisteredService] { try await work.read { try $0.services.all() } }

    package func find(_ slug: ServiceSlug) async throws -> RegisteredService? {
        try await work.read { try $0.services.find(slug) }
    }

    /// Registers a service under the given id; what is there under it already is the answer.
    package func create(
        _ id: ServiceID, _ draft: ServiceDraft, by principal: Principal
    ) async throws -> ServiceOutcome {
        let now = clock.now
        let service: RegisteredService
        do throws(InvalidFields) {
            let (slug, rules) = try draft.validated(registry)
            service = RegisteredService(id: id, slug: slug, rules: rules, createdAt: now, updatedAt: now)
        } catch {
            return .invalid(error)
        }
        return try await work.write { context in
            if let other = try context.services.find(service.slug) {
                return other.id == id ? .done(other) : .slugTaken
            }
            guard try context.services.insert(service) else { return .slugTaken }
            try context.tell(service, "service.created", by: principal, at: now)
            return .done(service)
        }
    }

    package func change(
        _ slug: ServiceSlug, _ changes: ServiceChanges, by principal: Principal
    ) async throws -> ServiceOutcome {
        let now = clock.now
        return try await work.write { [registry] context in
            guard let service = try context.services.lock(slug) else { return .unknown }
            let rules: ServiceRules
            do throws(InvalidFields) {
                rules = try changes.applied(to: service, registry)
            } catch {
                return .invalid(error)
            }
            guard rules != service.rules else { return .done(service) }
            let changed = service.with(rules, at: now)
            try context.services.update(changed)
            try context.tell(changed, "service.changed", by: principal, at: now)
            return .done(changed)
        }
    }

    /// A service that is not active is as unknown to the gate.
    package func setActive(
        _ isActive: Bool, _ slug: ServiceSlug, by principal: Principal
    ) async throws -> ServiceOutcome {
        let now = clock.now
        return try await work.write { context in
            guard let service = try context.services.lock(slug) else { return .unknown }
            guard service.isActive != isActive else { return .done(service) }
            let changed = service.with(isActive: isActive, at: now)
            try context.services.update(changed)
            let action = isActive ? "service.activated" : "service.deactivated"
            try context.tell(changed, action, by: principal, at: now)
            return .done(changed)
        }
    }

    package func delete(_ slug: ServiceSlug, by principal: Principal) async throws -> ServiceOutcome {
        let now = clock.now
        return try await work.write { context in
            guard let service = try context.services.lock(slug) else { return .unknown }
            try context.services.delete(service.id)
            try context.tell(service, "service.deleted", by: principal, at: now)
            return .done(service)
        }
    }
}

extension AccessContext {
    fileprivate func tell(
        _ service: RegisteredService, _ action: String, by principal: Principal, at now: Timestamp
    ) throws {
        try changed(.services, at: now)
        try publish(ServiceChanged(serviceID: service.id, slug: service.slug.text))
        try audit(.done(action, on: "service:\(service.id)", by: principal))
    }
}
