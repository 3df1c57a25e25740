import AccessContract
import AccessDomain
import Shared

/// Everything that is decided before something is drawn from a quota: who calls, and may he.
///
/// The order: the service, the credential, the account, the route, the rights, the plan. What a caller must not learn
/// without a right comes after the right; what costs most comes last.
struct AccessGate: Sendable {
    let standings: any StandingDirectory
    let credentials: any CredentialReader
    /// What nobody signed in has.
    let anonymousPlan: EffectivePlan
    /// `ANONYMOUS_PER_PREFIX`
    let perPrefix: Int

    enum Verdict {
        case refused(Refusal)
        case admitted(Admission)
    }

    struct Refusal {
        let reason: DenialReason
        var caller: Caller?
        var route: Int?
        var missing: Permission?
        var entitlementVersion: Int64 = 0
    }

    /// Somebody who may pass if there is quota left.
    struct Admission {
        let caller: Caller
        var draw: Draw
        let plan: EffectivePlan
        /// Of whose quota events tell; nil for nobody who has a name.
        let holder: QuotaHolder?
        let email: EmailAddress?
        let route: Int?
    }

    /// Who calls, as far as the rules need to know.
    private struct Person {
        var caller: Caller
        let rights: CallerRights
        /// Of a key: what it does not name it may not do.
        var scopes: PermissionSet?
        let plan: EffectivePlan
        let drawer: Draw.Drawer
        let burstSubject: MeterSubject
        var holder: QuotaHolder?
        var email: EmailAddress?

        func passes(_ permission: Permission) -> Bool {
            if let scopes, !scopes.grants(permission) || !GapuraPermission.isForKeys(permission) { return false }
            return rights.passes(permission)
        }
    }

    private enum Recognition {
        case known(Person)
        case refused(DenialReason, Caller?)
    }

    func judge(_ question: AccessQuestion, _ service: RegisteredService, at now: Timestamp) async throws -> Verdict {
        guard service.isActive else { return .refused(Refusal(reason: .serviceUnknown)) }
        let person: Person
        switch question.credential {
        case .none: person = anonymous(question.visitor)
        case .malformed: return .refused(Refusal(reason: .invalidCredential))
        case .accessToken(let token):
            switch try await user(token, at: now) {
            case .known(let known): person = known
            case .refused(let reason, let caller): return .refused(Refusal(reason: reason, caller: caller))
            }
        case .apiKey(let text):
            switch try await key(text, at: now) {
            case .known(let known): person = known
            case .refused(let reason, let caller): return .refused(Refusal(reason: reason, caller: caller))
            }
        }
        return judge(person, question, service)
    }

    private func judge(_ person: Person, _ question: AccessQuestion, _ service: RegisteredService) -> Verdict {
        let route: Int?
        let demand: RouteDemand
        switch question.demand {
        case .permission(let permission):
            route = nil
            demand = RouteDemand(
                servicePermission: service.rules.requiredPermission, routePermission: permission, cost: 1)
        case .request(let method, let path):
            let match = service.matcher.match(method, path)
            guard let found = service.demand(match) else { return refusal(.permissionDenied, person) }
            route = if case .route(let index) = match { index } else { nil }
            demand = found
        case .unknownPath:
            guard let found = service.demand(service.matcher.matchWithoutPath) else {
                return refusal(.permissionDenied, person)
            }
            route = nil
            demand = found
        }
        if person.caller.kind == .anonymous, !service.rules.allowAnonymous || !demand.isOpen {
            return refusal(.missingCredential, person, route)
        }
        for permission in [demand.servicePermission, demand.routePermission] {
            if let permission, !person.passes(permission) {
                return refusal(.permissionDenied, person, route, missing: permission)
            }
        }
        guard person.plan.includes(service) else {
            return refusal(person.plan.isPaymentDue ? .paymentDue : .notInPlan, person, route)
        }
        let bounds = ServiceRoute.costs
        let cost = min(max(question.cost ?? demand.cost, bounds.lowerBound), bounds.upperBound)
        let draw = Draw(
            drawer: person.drawer, burstSubject: person.burstSubject, service: service.id,
            rules: standings.rules(person.plan, for: service), cost: cost)
        return .admitted(
            Admission(
                caller: person.caller, draw: draw, plan: person.plan, holder: person.holder,
                email: service.rules.wantsEmail ? person.email : nil, route: route))
    }

    private func refusal(
        _ reason: DenialReason, _ person: Person, _ route: Int? = nil, missing: Permission? = nil
    ) -> Verdict {
        .refused(
            Refusal(
                reason: reason, caller: person.caller, route: route, missing: missing,
                entitlementVersion: person.plan.version))
    }

    private func anonymous(_ visitor: AnonymousCaller) -> Person {
        Person(
            caller: .anonymous, rights: .none, plan: anonymousPlan, drawer: .anonymous(visitor, perPrefix: perPrefix),
            burstSubject: visitor.network)
    }

    private func user(_ token: String, at now: Timestamp) async throws -> Recognition {
        guard let userID = try await credentials.user(accessToken: token),
            let standing = try await standings.standing(of: userID, at: now)
        else { return .refused(.invalidCredential, nil) }
        let caller = Caller(
            kind: .user, userID: userID, tenantID: standing.rights.tenantID, roles: standing.roles,
            plan: standing.plan.plan)
        guard standing.isGood else { return .refused(.accountBlocked, caller) }
        return .known(
            Person(
                caller: caller, rights: standing.rights, plan: standing.plan, drawer: .known(.user(userID)),
                burstSubject: .user(userID), holder: .user(userID), email: standing.email))
    }

    private func key(_ text: String, at now: Timestamp) async throws -> Recognition {
        guard let key = try await credentials.apiKey(text, at: now) else { return .refused(.invalidCredential, nil) }
        switch key.owner {
        case .tenant(let tenant):
            let plan = try await standings.plan(of: tenant, at: now)
            // The tenant's own key has what the tenant has; its scopes say what of it.
            let rights = CallerRights(platform: .empty, tenantID: tenant, tenant: .all, isOfKey: true)
            let caller = Caller(kind: .key, tenantID: tenant, plan: plan.plan)
            return .known(
                Person(
                    caller: caller, rights: rights, scopes: key.scopes, plan: plan,
                    drawer: .known(.tenant(tenant)), burstSubject: .tenant(tenant), holder: .tenant(tenant)))
        case .user(_, in: .some):
            // Nobody is a member of a tenant yet, so nobody's key acts in one.
            return .refused(.invalidCredential, nil)
        case .user(let owner, in: nil):
            guard let standing = try await standings.standing(of: owner, at: now) else {
                return .refused(.invalidCredential, nil)
            }
            // Without roles: a service that reads them would give the key what its scopes do not.
            let caller = Caller(kind: .key, userID: owner, plan: standing.plan.plan)
            guard standing.isGood else { return .refused(.accountBlocked, caller) }
            return .known(
                Person(
                    caller: caller, rights: standing.rights, scopes: key.scopes, plan: standing.plan,
                    drawer: .known(.user(owner)), burstSubject: .user(owner), holder: .user(owner),
                    email: standing.email))
        }
    }
}
