import Shared

/// An entitlement as somebody wants it, unchecked.
package struct EntitlementDraft: Sendable {
    package struct LimitDraft: Sendable {
        /// Nil: unlimited.
        package var amount: Int?
        package var unit: WindowUnit
        /// Over all services together; else for each, or for one.
        package var isGlobal: Bool
        /// The slug of the one service; nil for each.
        package var service: String?
        package var enforcement: Limit.Enforcement
        package var durability: Limit.Durability

        package init(
            amount: Int?, unit: WindowUnit, isGlobal: Bool, service: String? = nil,
            enforcement: Limit.Enforcement = .hard, durability: Limit.Durability = .fast
        ) {
            self.amount = amount
            self.unit = unit
            self.isGlobal = isGlobal
            self.service = service
            self.enforcement = enforcement
            self.durability = durability
        }
    }

    package static let limitsMax = 32

    package var plan: String
    /// Nil for the plan's own.
    package var limits: [LimitDraft]?
    /// Nil for no end.
    package var until: Ending?

    package init(plan: String, limits: [LimitDraft]? = nil, until: Ending? = nil) {
        self.plan = plan
        self.limits = limits
        self.until = until
    }

    /// - Parameters:
    ///   - catalog: a plan that is not in it has to bring its own limits.
    ///   - isService: whether there is a service of that slug.
    /// - Throws: every bad field, or what `isService` throws.
    package func validated(
        at now: Timestamp, catalog: PlanCatalog, isService: (ServiceSlug) throws -> Bool
    ) throws -> EntitlementGrant {
        var problems: [InvalidFields.Problem] = []
        let code = PlanCode(plan)
        if code == nil {
            problems.append(.init("plan", "must be a plan's code, such as pro"))
        } else if code == .anonymous {
            problems.append(.init("plan", "is what nobody signed in has"))
        } else if let code, catalog[code] == nil, limits == nil {
            problems.append(.init("plan", "is not known, so it needs limits"))
        }
        let until = until?.moment(from: now)
        if let until, until <= now { problems.append(.init("until", "must be in the future")) }
        if let limits, limits.count > Self.limitsMax {
            problems.append(.init("limits", "must have at most \(Self.limitsMax) entries"))
        }
        var valid: [Limit] = []
        for (index, limit) in (limits ?? []).prefix(Self.limitsMax).enumerated() {
            var scope: Limit.Scope = limit.isGlobal ? .global : .eachService
            if let amount = limit.amount, !Limit.amounts.contains(amount) {
                let bounds = "\(Limit.amounts.lowerBound) to \(Limit.amounts.upperBound)"
                problems.append(.init("limits[\(index)].amount", "must be a whole number from \(bounds)"))
            }
            if let text = limit.service {
                if limit.isGlobal {
                    problems.append(.init("limits[\(index)].service", "goes with the scope service only"))
                } else if let slug = ServiceSlug(text), try isService(slug) {
                    scope = .service(slug)
                } else {
                    problems.append(.init("limits[\(index)].service", "is not the slug of a service"))
                }
            }
            valid.append(
                Limit(
                    limit.amount ?? Limit.unlimited, per: limit.unit, scope: scope, enforcement: limit.enforcement,
                    durability: limit.durability))
        }
        guard problems.isEmpty, let code else { throw InvalidFields(problems) }
        return EntitlementGrant(plan: code, limits: limits.map { _ in valid }, since: now, until: until)
    }
}
