import AccessContract
import Shared

/// A service behind the gate.
package struct RegisteredService: Sendable, Equatable {
    /// One for all copies: a decision makes several.
    fileprivate final class Content: Sendable {
        let id: ServiceID
        let slug: ServiceSlug
        let rules: ServiceRules
        let isActive: Bool
        let createdAt: Timestamp
        let updatedAt: Timestamp
        let matcher: RouteMatcher

        init(
            id: ServiceID, slug: ServiceSlug, rules: ServiceRules, isActive: Bool, createdAt: Timestamp,
            updatedAt: Timestamp
        ) {
            self.id = id
            self.slug = slug
            self.rules = rules
            self.isActive = isActive
            self.createdAt = createdAt
            self.updatedAt = updatedAt
            matcher = RouteMatcher(rules.routes)
        }
    }

    fileprivate let content: Content

    package init(
        id: ServiceID, slug: ServiceSlug, rules: ServiceRules, isActive: Bool = true, createdAt: Timestamp,
        updatedAt: Timestamp
    ) {
        content = Content(
            id: id, slug: slug, rules: rules, isActive: isActive, createdAt: createdAt, updatedAt: updatedAt)
    }

    package var id: ServiceID { content.id }
    package var slug: ServiceSlug { content.slug }
    package var rules: ServiceRules { content.rules }
    package var isActive: Bool { content.isActive }
    package var createdAt: Timestamp { content.createdAt }
    package var updatedAt: Timestamp { content.updatedAt }

    // Of the rules, for every decision: the whole of them would be copied to look at one.
    package var audience: String { content.rules.audience }
    package var allowsAnonymous: Bool { content.rules.allowAnonymous }
    package var wantsEmail: Bool { content.rules.wantsEmail }

    package static func == (left: RegisteredService, right: RegisteredService) -> Bool {
        let (one, other) = (left.content, right.content)
        return one === other
            || one.id == other.id && one.slug == other.slug && one.rules == other.rules
                && one.isActive == other.isActive && one.createdAt == other.createdAt
                && one.updatedAt == other.updatedAt
    }

    /// The same service with other rules.
    package func with(_ rules: ServiceRules, at now: Timestamp) -> RegisteredService {
        RegisteredService(
            id: id, slug: slug, rules: rules, isActive: isActive, createdAt: createdAt, updatedAt: now)
    }

    /// The same service, switched on or off.
    package func with(isActive: Bool, at now: Timestamp) -> RegisteredService {
        RegisteredService(
            id: id, slug: slug, rules: rules, isActive: isActive, createdAt: createdAt, updatedAt: now)
    }

    package func match(_ method: RequestMethod, _ path: RequestPath) -> RouteMatcher.Match {
        content.matcher.match(method, path)
    }

    /// The path of the request is not known.
    package var matchWithoutPath: RouteMatcher.Match { content.matcher.matchWithoutPath }

    /// What a request needs, by its route; nil if no route covers it.
    package func demand(_ match: RouteMatcher.Match) -> RouteDemand? {
        switch match {
        case .refused: nil
        case .unrestricted: RouteDemand(service: self, route: nil, permission: nil)
        case .route(let index): RouteDemand(service: self, route: index, permission: nil)
        }
    }

    /// What a question about a permission needs.
    package func demand(_ permission: Permission) -> RouteDemand {
        RouteDemand(service: self, route: nil, permission: permission)
    }

    /// The prefix of one of the routes.
    package func prefix(ofRoute index: Int) -> String { content.rules.routes[index].prefix }

    package func isOpen(to plan: PlanCode) -> Bool {
        content.rules.plans.isEmpty || content.rules.plans.contains(plan)
    }
}

/// What a request must have and what it costs. The rights are looked at where they are: to hand them out would copy them
/// for every decision.
package struct RouteDemand: Sendable {
    fileprivate let service: RegisteredService
    /// Which of the service's routes.
    package let route: Int?
    /// Asked for beside the service's own.
    fileprivate let permission: Permission?

    package var cost: Int { route.map { service.content.rules.routes[$0].cost } ?? 1 }

    /// Whether nobody needs a right for it.
    package var isOpen: Bool { missing { _ in false } == nil }

    /// The first right that somebody has not: the service's own, then the route's or the one that is asked about.
    ///
    /// - Parameter passes: whether he has one.
    package func missing(_ passes: (Permission) -> Bool) -> Permission? {
        let rules = service.content.rules
        if let required = rules.requiredPermission, !passes(required) { return required }
        if let route, let required = rules.routes[route].permission, !passes(required) { return required }
        if let permission, !passes(permission) { return permission }
        return nil
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
    package var routes: [RouteRule]
    package var allowAnonymous: Bool
    /// Whether the service sees the caller's own credential.
    package var passCredentials: Bool
    package var wantsEmail: Bool
    /// Whether gateways lead a browser that is not signed in to the page of signing in, and back.
    package var browserSignIn: Bool
    /// The plans that include it; empty for all.
    package var plans: [PlanCode]

    /// All that it asks for. Whoever changes the service must have it: each of its rules says to whom what is behind a
    /// demand is open.
    package var demands: PermissionSet {
        PermissionSet([requiredPermission].compactMap { $0 } + routes.compactMap(\.permission))
    }

    package init(
        name: String, audience: String, upstream: String, requiredPermission: Permission? = nil,
        routes: [RouteRule] = [], allowAnonymous: Bool = false, passCredentials: Bool = false,
        wantsEmail: Bool = false, browserSignIn: Bool = true, plans: [PlanCode] = []
    ) {
        self.name = name
        self.audience = audience
        self.upstream = upstream
        self.requiredPermission = requiredPermission
        self.routes = routes
        self.allowAnonymous = allowAnonymous
        self.passCredentials = passCredentials
        self.wantsEmail = wantsEmail
        self.browserSignIn = browserSignIn
        self.plans = plans
    }
}
