/// What one may use for what one pays.
package struct Plan: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// It belongs to a person.
        case shared
        /// It belongs to a tenant: its quota is pooled over the members.
        case tenancy
    }

    package let code: PlanCode
    package let kind: Kind
    package let limits: [Limit]
    /// For each caller and service, beside the limits; nil for none.
    package let burst: BurstLimit?

    package init(code: PlanCode, kind: Kind = .shared, limits: [Limit], burst: BurstLimit? = nil) {
        self.code = code
        self.kind = kind
        self.limits = limits
        self.burst = burst
    }
}

/// How many requests one caller may send to one service in a short time, whatever they cost.
package struct BurstLimit: Sendable, Hashable {
    package static let policy = "burst"

    /// 1 to 1,000,000.
    package let requests: Int
    /// A second or a minute.
    package let unit: WindowUnit

    package init(_ requests: Int, per unit: WindowUnit) {
        self.requests = min(max(requests, 1), 1_000_000)
        self.unit = unit == .second ? .second : .minute
    }
}

/// The plans that there are.
package struct PlanCatalog: Sendable, Equatable {
    private let plans: [Plan]

    /// A later plan of a code replaces an earlier one; `anonymous` and `free` are always there.
    package init(_ plans: [Plan]) {
        var all = Self.always
        for plan in plans {
            all.removeAll { $0.code == plan.code }
            all.append(plan)
        }
        self.plans = all
    }

    /// The defaults.
    package static let standard = PlanCatalog([
        Plan(code: .pro, limits: [Limit(1_000, per: .day, scope: .global)], burst: BurstLimit(100, per: .second)),
        Plan(code: .enterprise, kind: .tenancy, limits: []),
    ])

    private static let always = [
        Plan(
            code: .anonymous, limits: [Limit(1, per: .day, scope: .eachService)], burst: BurstLimit(20, per: .second)),
        Plan(code: .free, limits: [Limit(50, per: .day, scope: .global)], burst: BurstLimit(50, per: .second)),
    ]

    package subscript(code: PlanCode) -> Plan? { plans.first { $0.code == code } }

    package var all: [Plan] { plans }

    /// What somebody has who has nothing else.
    package var free: Plan { self[.free] ?? Self.always[1] }

    package var anonymous: Plan { self[.anonymous] ?? Self.always[0] }
}
