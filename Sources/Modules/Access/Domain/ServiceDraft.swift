import Shared

/// A service as somebody describes it, unchecked.
package struct ServiceDraft: Sendable {
    package struct Route: Sendable {
        /// Nil for any.
        package var method: String?
        package var path: String
        package var permission: String?
        package var cost: Int

        package init(method: String? = nil, path: String, permission: String? = nil, cost: Int = 1) {
            self.method = method
            self.path = path
            self.permission = permission
            self.cost = cost
        }
    }

    package var slug: String
    package var name: String
    package var audience: String
    package var upstream: String
    package var requiredPermission: String?
    package var routes: [Route] = []
    package var allowAnonymous = false
    package var passCredentials = false
    package var wantsEmail = false
    package var browserSignIn = true
    package var plans: [String] = []

    /// Of the name, in Unicode scalars.
    package static let nameLengths = 1...100
    package static let routesMax = 200
    package static let plansMax = 32

    package init(slug: String, name: String, audience: String, upstream: String) {
        self.slug = slug
        self.name = name
        self.audience = audience
        self.upstream = upstream
    }

    /// - Parameter kept: the rules that the service has already. A name that was taken once may stay.
    /// - Throws: every bad field.
    package func validated(
        _ registry: PermissionRegistry, keeping kept: ServiceRules? = nil
    ) throws(InvalidFields) -> (slug: ServiceSlug, rules: ServiceRules) {
        var problems: [InvalidFields.Problem] = []
        func check(_ isGood: Bool, _ field: String, _ message: String) {
            if !isGood { problems.append(.init(field, message)) }
        }
        let slug = ServiceSlug(slug)
        check(slug != nil, "slug", "must be 1 to 63 lower-case letters, digits, _ and -, the first no _ or -")
        check(slug != .gapura || kept != nil, "slug", "is the name of Gapura's own API")
        if name != kept?.name, let objection = NameCharacters.objection(to: name, Self.nameLengths) {
            problems.append(.init("name", objection))
        }
        check(isAudience(audience), "audience", "must have 1 to 255 visible ASCII characters without quotes")
        check(UpstreamAddress.isValid(upstream), "upstream", "must be an address such as http://127.0.0.1:9000")
        let demands = PermissionDemands(registry, keeping: kept)
        let permission = demands.read(requiredPermission, "required_permission", &problems)
        check(routes.count <= Self.routesMax, "routes", "must have at most \(Self.routesMax) entries")
        check(plans.count <= Self.plansMax, "plans", "must have at most \(Self.plansMax) entries")
        let plans = plans.prefix(Self.plansMax).enumerated().compactMap { index, text in
            let plan = PlanCode(text)
            check(plan != nil, "plans[\(index)]", "must be a plan's code, such as pro")
            return plan
        }
        let routes = validatedRoutes(demands, &problems)
        guard problems.isEmpty, let slug else { throw InvalidFields(problems) }
        return (
            slug,
            ServiceRules(
                name: name, audience: audience, upstream: upstream, requiredPermission: permission,
                routes: routes, allowAnonymous: allowAnonymous, passCredentials: passCredentials,
                wantsEmail: wantsEmail, browserSignIn: browserSignIn, plans: plans)
        )
    }

    private func validatedRoutes(
        _ demands: PermissionDemands, _ problems: inout [InvalidFields.Problem]
    ) -> [RouteRule] {
        var found: [RouteRule] = []
        for (index, route) in routes.prefix(Self.routesMax).enumerated() {
            let before = problems.count
            let method = route.method.map { RequestMethod(name: $0) ?? .other }
            if method == .other {
                problems.append(.init("routes[\(index)].method", "must be one of: \(Self.methods)"))
            }
            let permission = demands.read(route.permission, "routes[\(index)].permission", &problems)
            if !RouteRule.costs.contains(route.cost) {
                let bounds = RouteRule.costs
                let message = "must be a whole number from \(bounds.lowerBound) to \(bounds.upperBound)"
                problems.append(.init("routes[\(index)].cost", message))
            }
            let made: RouteRule
            do throws(RoutePath.Refusal) {
                made = try RouteRule(
                    method: method, prefix: route.path, permission: permission, cost: route.cost)
            } catch {
                problems.append(.init("routes[\(index)].path", Self.message(error)))
                continue
            }
            if found.contains(where: { $0.coversTheSame(as: made) }) {
                problems.append(.init("routes[\(index)].path", "has a route for this method already"))
            }
            if problems.count == before { found.append(made) }
        }
        return found
    }

    private static let methods = RequestMethod.allCases.compactMap(\.name).joined(separator: ", ")

    private static func message(_ refusal: RoutePath.Refusal) -> String {
        switch refusal {
        case .path(.notOriginForm): "must start with /"
        case .path(.tooLong): "must have at most \(RequestPath.bytesMax) bytes"
        case .query: "must have no query"
        case .wildcard:
            "must have no * or : (a path covers everything below it, {name} stands for one segment; write %2A or %3A for the character)"
        case .braces: "must have braces around a whole segment only, such as /documents/{id}"
        default: "must be a path in normal form: no //, dot segments, ;, \\, %2f, %5c, %2e, control characters"
        }
    }

    private func isAudience(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
    }
}

/// Reads the permissions that a service demands. What they say of Gapura's own resources must be declared.
private struct PermissionDemands {
    private let registry: PermissionRegistry
    /// Demanded already: may stay, also if nobody declares them any more.
    private let kept: [Permission]

    init(_ registry: PermissionRegistry, keeping rules: ServiceRules?) {
        self.registry = registry
        kept = [rules?.requiredPermission].compactMap { $0 } + (rules?.routes.compactMap(\.permission) ?? [])
    }

    /// - Returns: nil for none, and for one that is not good.
    func read(_ text: String?, _ field: String, _ problems: inout [InvalidFields.Problem]) -> Permission? {
        guard let text else { return nil }
        guard let permission = Permission(text) else {
            problems.append(.init(field, "must be resource:action, such as documents:read"))
            return nil
        }
        guard !kept.contains(permission), let objection = registry.objection(to: permission, on: .any) else {
            return permission
        }
        problems.append(.init(field, objection))
        return nil
    }
}
