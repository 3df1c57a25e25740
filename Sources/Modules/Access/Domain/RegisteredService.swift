import AccessContract
import Shared

/// A service behind the gate.
package struct RegisteredService: Sendable, Equatable {
    package let id: ServiceID
    package let slug: ServiceSlug
    package let rules: ServiceRules
    package var isActive: Bool
    package let createdAt: Timestamp
    package var updatedAt: Timestamp

    /// Made once: the decision only looks it up.
    package let matcher: RouteMatcher
    /// What a service or a gateway needs to ask about this service.
    package let checkPermission: Permission

    package init(
        id: ServiceID, slug: ServiceSlug, rules: ServiceRules, isActive: Bool = true, createdAt: Timestamp,
        updatedAt: Timestamp
    ) {
        self.id = id
        self.slug = slug
        self.rules = rules
        self.isActive = isActive
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        matcher = RouteMatcher(rules.routes)
        checkPermission = .check(slug)
    }

    /// The same service with other rules.
    package func with(_ rules: ServiceRules, at now: Timestamp) -> RegisteredService {
        RegisteredService(
            id: id, slug: slug, rules: rules, isActive: isActive, createdAt: createdAt, updatedAt: now)
    }

    /// What a request needs, by its route.
    package func demand(_ match: RouteMatcher.Match) -> RouteDemand? {
        switch match {
        case .refused: return nil
        case .unrestricted:
            return RouteDemand(servicePermission: rules.requiredPermission, routePermission: nil, cost: 1)
        case .route(let index):
            let route = rules.routes[index]
            return RouteDemand(
                servicePermission: rules.requiredPermission, routePermission: route.permission, cost: route.cost)
        }
    }

    package func isOpen(to plan: PlanCode) -> Bool { rules.plans.isEmpty || rules.plans.contains(plan) }
}

/// What a request must have and what it costs.
package struct RouteDemand: Sendable, Equatable {
    package let servicePermission: Permission?
    package let routePermission: Permission?
    package let cost: Int

    package init(servicePermission: Permission?, routePermission: Permission?, cost: Int) {
        self.servicePermission = servicePermission
        self.routePermission = routePermission
        self.cost = cost
    }

    /// Whether nobody needs a right for it.
    package var isOpen: Bool { servicePermission == nil && routePermission == nil }

    package func isMet(by rights: CallerRights) -> Bool {
        if let servicePermission, !rights.passes(servicePermission) { return false }
        if let routePermission, !rights.passes(routePermission) { return false }
        return true
    }
}

/// What of a service an administrator chooses.
package struct ServiceRules: Sendable, Equatable {
    package var name: String
    /// The `aud` of `X-Gapura-Identity`.
    package var audience: String
    /// For the gateways' configurations; Gapura itself never calls it.
    package var upstream: String
    /// Asked for on every route.
    package var requiredPermission: Permission?
    package var routes: [ServiceRoute]
    package var allowAnonymous: Bool
    /// Whether the service sees the caller's own credential.
    package var passCredentials: Bool
    package var wantsEmail: Bool
    /// The plans that include it; empty for all.
    package var plans: [PlanCode]

    package init(
        name: String, audience: String, upstream: String, requiredPermission: Permission? = nil,
        routes: [ServiceRoute] = [], allowAnonymous: Bool = false, passCredentials: Bool = false,
        wantsEmail: Bool = false, plans: [PlanCode] = []
    ) {
        self.name = name
        self.audience = audience
        self.upstream = upstream
        self.requiredPermission = requiredPermission
        self.routes = routes
        self.allowAnonymous = allowAnonymous
        self.passCredentials = passCredentials
        self.wantsEmail = wantsEmail
        self.plans = plans
    }
}
