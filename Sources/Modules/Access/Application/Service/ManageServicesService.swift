import AccessContract
import AccessDomain
import Shared

/// The services behind the gate.
package struct ManageServicesService: Sendable {
    private let work: any AccessWork
    private let registry: PermissionRegistry
    private let issuer: String
    private let clock: any WallClock

    /// - Parameter issuer: `APP_URL`, which is the audience of Gapura's own tokens.
    package init(work: any AccessWork, registry: PermissionRegistry, issuer: String, clock: any WallClock) {
        self.work = work
        self.registry = registry
        self.issuer = issuer
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
        return try await work.write { [issuer] context in
            let other = try context.services.find(service.slug)
            if let other, other.id == id { return .done(other) }
            guard
                try context.mayWrite(
                    before: nil, after: service.rules.demands, "service.created", on: "service:\(id)", principal)
            else { return .permissionDenied }
            guard other == nil else { return .slugTaken }
            guard try !context.isTaken(service.rules.audience, issuer: issuer, except: id) else {
                return .audienceTaken
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
        return try await work.write { [registry, issuer] context in
            guard let service = try context.services.lock(slug) else { return .unknown }
            let rules: ServiceRules
            do throws(InvalidFields) {
                rules = try changes.applied(to: service, registry)
            } catch {
                return .invalid(error)
            }
            guard rules != service.rules else { return .done(service) }
            guard
                try context.mayWrite(
                    before: service.rules.demands, after: rules.demands, "service.changed",
                    on: "service:\(service.id)", principal)
            else { return .permissionDenied }
            if rules.audience != service.rules.audience,
                try context.isTaken(rules.audience, issuer: issuer, except: service.id)
            {
                return .audienceTaken
            }
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
            let action = isActive ? "service.activated" : "service.deactivated"
            guard
                try context.mayWrite(
                    before: service.rules.demands, after: nil, action, on: "service:\(service.id)", principal)
            else { return .permissionDenied }
            let changed = service.with(isActive: isActive, at: now)
            try context.services.update(changed)
            try context.tell(changed, action, by: principal, at: now)
            return .done(changed)
        }
    }

    package func delete(_ slug: ServiceSlug, by principal: Principal) async throws -> ServiceOutcome {
        let now = clock.now
        return try await work.write { context in
            guard let service = try context.services.lock(slug) else { return .unknown }
            guard
                try context.mayWrite(
                    before: service.rules.demands, after: nil, "service.deleted", on: "service:\(service.id)", principal
                )
            else { return .permissionDenied }
            try context.services.delete(service.id)
            try context.forget(slug, at: now)
            try context.tell(service, "service.deleted", by: principal, at: now)
            return .done(service)
        }
    }
}

extension AccessContext {
    /// `APP_URL` is taken in whatever way it is written: some verifiers compare addresses and not texts.
    fileprivate func isTaken(_ audience: String, issuer: String, except id: ServiceID) throws -> Bool {
        func plain(_ text: String) -> String { (text.hasSuffix("/") ? String(text.dropLast()) : text).lowercased() }
        return try plain(audience) == plain(issuer) || services.isAudienceTaken(audience, except: id)
    }

    /// A service that is made later under the same name is another one: nothing that was said of this one is for it.
    fileprivate func forget(_ slug: ServiceSlug, at now: Timestamp) throws {
        var isAny = false
        for role in try roles.lockAll(granting: .check(slug)) {
            var role = role
            role.permissions = role.permissions.filter { $0 != .check(slug) }
            role.updatedAt = now
            isAny = try roles.update(role) || isAny
        }
        for key in try apiKeys.lockAll(naming: slug) {
            var key = key
            key.forget(slug)
            try apiKeys.update(key)
            isAny = true
        }
        for entitlement in try entitlements.lockAll(limiting: slug) {
            try entitlements.save(entitlement.forgetting(slug, at: now))
            isAny = true
        }
        // There may be many: everybody's are read again.
        if isAny { try changed(.roles, at: now) }
    }

    fileprivate func tell(
        _ service: RegisteredService, _ action: String, by principal: Principal, at now: Timestamp
    ) throws {
        try changed(.services, at: now)
        try publish(ServiceChanged(serviceID: service.id, slug: service.slug.text))
        try audit(.done(action, on: "service:\(service.id)", by: principal))
    }
}
