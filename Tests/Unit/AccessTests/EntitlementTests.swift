import AccessContract
import AccessDomain
import Shared
import TestSupport
import Testing

@Suite("Plans and entitlements")
struct EntitlementTests {
    private let identifiers = SequentialIdentifiers()
    private let now = Timestamp(seconds: 1_790_000_000)
    private let subject = EntitlementSubject.user(SequentialIdentifiers.identifier(77))

    private func slug() throws -> ServiceSlug { try #require(ServiceSlug("cvmaker")) }

    private func change(_ plan: PlanCode, version: Int64, until: Timestamp? = nil) -> EntitlementChange {
        EntitlementChange(
            subject: subject, grant: EntitlementGrant(plan: plan, since: now, until: until), version: version)
    }

    private func entitlement(_ grant: EntitlementGrant) -> Entitlement {
        Entitlement(id: identifiers.next(), subject: subject, grant: grant, version: 3, updatedAt: now)
    }

    private func effective(_ grant: EntitlementGrant, at moment: Timestamp? = nil) -> EffectivePlan {
        EffectivePlan(entitlement(grant), catalog: .standard, at: moment ?? now)
    }

    @Test("the default plans have the default limits")
    func defaults() {
        let catalog = PlanCatalog.standard
        #expect(catalog.anonymous.limits == [Limit(1, per: .day, scope: .eachService)])
        #expect(catalog.free.limits == [Limit(50, per: .day, scope: .global)])
        #expect(catalog[.pro]?.limits == [Limit(1_000, per: .day, scope: .global)])
        #expect(catalog[.enterprise]?.limits == [])
        #expect(catalog[.enterprise]?.kind == .tenancy)
    }

    @Test("anonymous and free are there without anybody's plans, and can be given other limits")
    func always() {
        #expect(PlanCatalog([]).free.code == .free)
        #expect(PlanCatalog([]).anonymous.code == .anonymous)
        let own = PlanCatalog([Plan(code: .free, limits: [Limit(7, per: .day, scope: .global)])])
        #expect(own.free.limits.map(\.amount) == [7])
        #expect(own.all.filter { $0.code == .free }.count == 1)
    }

    @Test("changes in any order, repeated, end with the newest")
    func anyOrder() {
        var generator = SeededGenerator(seed: 31)
        let plans: [PlanCode] = [.pro, .free, .enterprise, .pro]
        for round in 0..<300 {
            var current: Entitlement?
            var newest: Int64 = 0
            for version in (0..<8).map({ _ in Int64.random(in: 1...4, using: &generator) }) {
                let change = change(plans[Int(version) - 1], version: version)
                switch change.applied(to: current, id: identifiers.next(), at: now) {
                case .applied(let next):
                    #expect(version > newest, "round \(round)")
                    if let current { #expect(next.id == current.id) }
                    current = next
                case .repeated: #expect(version == newest, "round \(round)")
                case .outdated: #expect(version < newest, "round \(round)")
                }
                newest = max(newest, version)
                #expect(current?.version == newest)
                #expect(current?.grant.plan == plans[Int(newest) - 1])
            }
        }
    }

    @Test("without an entitlement, before it, after it, and past due, one has free")
    func free() {
        #expect(EffectivePlan(nil, catalog: .standard, at: now).plan == .free)
        let grant = EntitlementGrant(plan: .pro, since: now, until: now + .seconds(60))
        #expect(effective(grant).plan == .pro)
        #expect(effective(grant, at: now - .milliseconds(1)).plan == .free)
        #expect(effective(grant, at: now + .seconds(60)).plan == .free)
        let due = effective(EntitlementGrant(plan: .pro, since: now, isPastDue: true))
        #expect(due.plan == .free)
        #expect(due.isPaymentDue)
        #expect(!effective(grant).isPaymentDue)
    }

    @Test("it says when to ask again")
    func validUntil() {
        let grant = EntitlementGrant(plan: .pro, since: now, until: now + .seconds(60))
        #expect(effective(grant, at: now - .seconds(1)).validUntil == now)
        #expect(effective(grant).validUntil == now + .seconds(60))
        #expect(effective(grant, at: now + .seconds(60)).validUntil == nil)
        #expect(effective(EntitlementGrant(plan: .pro, since: now)).validUntil == nil)
    }

    @Test("a contract's limits go before the plan's; an unknown plan without limits gives free")
    func contract() {
        let limits = [Limit(Limit.unlimited, per: .day, scope: .global)]
        #expect(effective(EntitlementGrant(plan: .enterprise, limits: limits, since: now)).limits == limits)
        let unknown = PlanCode("gold")
        #expect(unknown.map { effective(EntitlementGrant(plan: $0, since: now)).plan } == .free)
        #expect(unknown.map { effective(EntitlementGrant(plan: $0, limits: limits, since: now)).plan } == unknown)
        #expect(effective(EntitlementGrant(plan: .pro, since: now)).version == 3)
    }

    @Test("the day and the month are counted whatever the plan, global and of the service")
    func alwaysCounted() throws {
        for plan in [PlanCode.free, .pro, .enterprise] {
            let rules = effective(EntitlementGrant(plan: plan, since: now)).rules(for: try slug())
            let counted = rules.prefix(4).map { "\($0.meter) \($0.unit)" }
            #expect(counted == ["global day", "global month", "service day", "service month"])
        }
        let free = EffectivePlan(nil, catalog: .standard, at: now).rules(for: try slug())
        #expect(free.map(\.limit).prefix(4) == [50, Limit.unlimited, Limit.unlimited, Limit.unlimited])
        #expect(free.filter(\.isLimited).map(\.policy) == ["day", "burst"])
    }

    @Test("a limit for one service goes before one for each; the smallest hard one holds, strict if one is")
    func resolution() throws {
        let limits = [
            Limit(10, per: .day, scope: .eachService), Limit(100, per: .day, scope: .service(try slug())),
            Limit(500, per: .month, scope: .global, enforcement: .soft),
            Limit(900, per: .month, scope: .global, durability: .strict), Limit(3, per: .minute, scope: .eachService),
        ]
        let plan = effective(EntitlementGrant(plan: .enterprise, limits: limits, since: now))
        let rules = plan.rules(for: try slug())
        func rule(_ meter: ChargeRule.Meter, _ unit: WindowUnit) -> ChargeRule? {
            rules.first { $0.meter == meter && $0.unit == unit }
        }
        #expect(rule(.service, .day)?.limit == 100)
        #expect(rule(.service, .day)?.policy == "cvmaker-day")
        #expect(rule(.global, .month)?.limit == 900)
        #expect(rule(.global, .month)?.isStrict == true)
        #expect(rule(.global, .month)?.isSoft == false)
        #expect(rule(.service, .minute)?.limit == 3)
        #expect(rule(.global, .minute) == nil)
        let other = plan.rules(for: try #require(ServiceSlug("jobportal")))
        #expect(other.first { $0.meter == .service && $0.unit == .day }?.limit == 10)
    }

    @Test("nobody signed in is counted by service only")
    func anonymous() throws {
        let plan = EffectivePlan(anonymousIn: .standard)
        let rules = plan.anonymousRules(for: try slug())
        #expect(plan.plan == .anonymous)
        #expect(rules.map(\.meter) == [.service, .burst])
        #expect(rules.map(\.limit) == [1, 20])
        #expect(rules.map(\.policy) == ["service-day", "burst"])
    }

    @Test("amounts are brought into their bounds")
    func amounts() {
        #expect(Limit(-1, per: .day, scope: .global).amount == 0)
        #expect(Limit(Int.max - 1, per: .day, scope: .global).amount == 1_000_000_000_000)
        #expect(Limit(Limit.unlimited, per: .day, scope: .global).amount == Limit.unlimited)
        #expect(BurstLimit(0, per: .day).requests == 1)
        #expect(BurstLimit(5, per: .day).unit == .minute)
    }

    @Test("a plan's code is lower case", arguments: [("pro", true), ("team_2", true), ("", false), ("Pro", false)])
    func codes(_ text: String, _ isGood: Bool) {
        #expect((PlanCode(text) != nil) == isGood)
    }
}
