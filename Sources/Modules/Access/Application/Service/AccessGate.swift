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
    let registry: PermissionRegistry
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
        /// By which key; nil for people.
        let key: APIKeyID?
    }

    /// Who calls, as far as the rules need to know.
    private struct Person {
        var caller: Caller
        let rights: CallerRights
        /// Of a key: what it does not name it may not do.
        var scopes: PermissionSet?
        /// Of a key: what it does not list it does not open.
        var services: KeyServices?
        let plan: EffectivePlan
        let drawer: Draw.Drawer
        let burstSubject: MeterSubject
        var holder: QuotaHolder?
        var email: EmailAddress?
        var key: APIKeyID?

        func passes(_ permission: Permission, _ registry: PermissionRegistry) -> Bool {
            if let scopes, !scopes.grants(permission) || !registry.isForKeys(permission) { return false }
            return rights.passes(permission, registry)
        }
    }

    private enum Recognition {
        case known(Person)
        case refused(DenialReason, Caller?)

        /// A credential of nobody.
        static let unknown = Recognition.refused(.invalidCredential, nil)
    }

    func judge(_ question: AccessQuestion, _ service: RegisteredService, at now: Timestamp) async throws -> Verdict {
        guard service.isActive else { return .refused(Refusal(reason: .serviceUnknown)) }
        return judge(try await recognize(question, at: now), question, service)
    }

    /// The same from memory; nil if somebody is not known yet.
    func recall(_ question: AccessQuestion, _ service: RegisteredService, at now: Timestamp) -> Verdict? {
        guard service.isActive else { return .refused(Refusal(reason: .serviceUnknown)) }
        return recall(question, at: now).map { judge($0, question, service) }
    }

    private func judge(
        _ recognition: Recognition, _ question: AccessQuestion, _ service: RegisteredService
    ) -> Verdict {
        switch recognition {
        case .known(let person): judge(person, question, service)
        case .refused(.invalidCredential, _) where question.isOfCookie && service.allowsAnonymous:
            // A browser keeps the cookie of a session that has ended: its owner may do what anybody may.
            judge(anonymous(question.visitor), question, service)
        case .refused(let reason, let caller): .refused(Refusal(reason: reason, caller: caller))
        }
    }

    private func recognize(_ question: AccessQuestion, at now: Timestamp) async throws -> Recognition {
        switch question.credential {
        case .none: return .known(anonymous(question.visitor))
        case .malformed: return .unknown
        case .accessToken(let token):
            guard let holder = try await credentials.holder(accessToken: token) else { return .unknown }
            return user(try await standings.standing(of: holder.userID, at: now), by: holder)
        case .apiKey(let text):
            guard let key = try await credentials.apiKey(text, at: now) else { return .unknown }
            switch key.owner {
            case .tenant(let tenant):
                return .known(holder(of: key, tenant, try await standings.plan(of: tenant, at: now)))
            case .user(let owner, in: let tenant):
                return user(try await standings.standing(of: owner, at: now), by: key, in: tenant)
            case .serviceAccount(let account):
                return serviceAccount(try await standings.standing(ofServiceAccount: account, at: now), by: key)
            // A gateway's key asks; it is never a caller.
            case .platform: return .unknown
            }
        }
    }

    private func recall(_ question: AccessQuestion, at now: Timestamp) -> Recognition? {
        switch question.credential {
        case .none: return .known(anonymous(question.visitor))
        case .malformed: return .unknown
        case .accessToken(let token):
            switch credentials.recallHolder(accessToken: token, at: now) {
            case .known(let holder): return recall(holder.userID, at: now) { user($0, by: holder) }
            case .absent: return .unknown
            case .unknown: return nil
            }
        case .apiKey(let text):
            let key: APIKey
            switch credentials.recallKey(text, at: now) {
            case .known(let found): key = found
            case .absent: return .unknown
            case .unknown: return nil
            }
            switch key.owner {
            case .tenant(let tenant):
                return standings.recallPlan(of: tenant, at: now).map { .known(holder(of: key, tenant, $0)) }
            case .user(let owner, in: let tenant):
                return recall(owner, at: now) { user($0, by: key, in: tenant) }
            case .serviceAccount(let account):
                switch standings.recallStanding(ofServiceAccount: account, at: now) {
                case .known(let standing): return serviceAccount(standing, by: key)
                case .absent: return .unknown
                case .unknown: return nil
                }
            case .platform: return .unknown
            }
        }
    }

    /// - Returns: nil if memory does not know how this person stands.
    private func recall(
        _ person: Identifier, at now: Timestamp, _ judge: (Standing?) -> Recognition
    ) -> Recognition? {
        switch standings.recallStanding(of: person, at: now) {
        case .known(let standing): judge(standing)
        case .absent: judge(nil)
        case .unknown: nil
        }
    }

    private func judge(_ person: Person, _ question: AccessQuestion, _ service: RegisteredService) -> Verdict {
        if let listed = person.services, !listed.includes(service.slug) { return refusal(.permissionDenied, person) }
        let found: RouteDemand?
        switch question.demand {
        case .permission(let permission): found = service.demand(permission)
        case .request(let method, let path): found = service.demand(service.match(method, path))
        case .unknownPath: found = service.demand(service.matchWithoutPath)
        }
        guard let demand = found else { return refusal(.routeUnknown, person) }
        let route = demand.route
        if person.caller.kind == .anonymous, !service.allowsAnonymous || !demand.isOpen {
            return refusal(.missingCredential, person, route)
        }
        if let permission = demand.missing({ person.passes($0, registry) }) {
            return refusal(.permissionDenied, person, route, missing: permission)
        }
        guard person.plan.includes(service) else {
            return refusal(person.plan.isPaymentDue ? .paymentDue : .notInPlan, person, route)
        }
        let bounds = RouteRule.costs
        let cost = min(max(question.cost ?? demand.cost, bounds.lowerBound), bounds.upperBound)
        let draw = Draw(
            drawer: person.drawer, burstSubject: person.burstSubject, service: service.id,
            rules: standings.rules(person.plan, for: service), cost: cost,
            version: person.plan.version)
        return .admitted(
            Admission(
                caller: person.caller, draw: draw, plan: person.plan, holder: person.holder,
                email: service.wantsEmail ? person.email : nil, route: route, key: person.key))
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

    /// A block ends sessions, so it is looked at before the token's: the caller hears of the block and not of a bad
    /// token.
    private func user(_ standing: Standing?, by holder: TokenHolder) -> Recognition {
        guard let standing else { return .unknown }
        let caller = Caller(
            kind: .user, userID: standing.userID, tenantID: standing.rights.tenantID, roles: standing.roles,
            plan: standing.plan.plan)
        guard standing.isGood else { return .refused(.accountBlocked, caller) }
        guard holder.isSignedIn else { return .unknown }
        return .known(person(caller, standing))
    }

    /// - Parameter tenant: in which the key acts. Nobody is a member of a tenant yet, so nobody's key acts in one.
    private func user(_ standing: Standing?, by key: APIKey, in tenant: TenantID?) -> Recognition {
        guard tenant == nil, let standing else { return .unknown }
        // Without roles: a service that reads them would give the key what its scopes do not.
        let caller = Caller(kind: .key, userID: standing.userID, plan: standing.plan.plan)
        guard standing.isGood else { return .refused(.accountBlocked, caller) }
        var person = person(caller, standing)
        person.scopes = key.scopes
        person.services = key.services
        person.key = key.id
        return .known(person)
    }

    private func serviceAccount(_ standing: ServiceAccountStanding?, by key: APIKey) -> Recognition {
        guard let standing else { return .unknown }
        let caller = Caller(serviceAccount: standing.id, plan: standing.plan.plan)
        guard standing.isActive else { return .refused(.accountBlocked, caller) }
        return .known(
            Person(
                caller: caller, rights: standing.rights, scopes: key.scopes, services: key.services,
                plan: standing.plan, drawer: .known(.serviceAccount(standing.id)),
                burstSubject: .serviceAccount(standing.id), holder: .serviceAccount(standing.id), key: key.id))
    }

    private func person(_ caller: Caller, _ standing: Standing) -> Person {
        Person(
            caller: caller, rights: standing.rights, plan: standing.plan,
            drawer: .known(.user(standing.userID)), burstSubject: .user(standing.userID),
            holder: .user(standing.userID), email: standing.email)
    }

    /// The tenant's own key has what the tenant has; its scopes say what of it.
    private func holder(of key: APIKey, _ tenant: TenantID, _ plan: EffectivePlan) -> Person {
        Person(
            caller: Caller(kind: .key, tenantID: tenant, plan: plan.plan),
            rights: CallerRights(platform: .empty, tenantID: tenant, tenant: .all), scopes: key.scopes,
            services: key.services, plan: plan, drawer: .known(.tenant(tenant)), burstSubject: .tenant(tenant),
            holder: .tenant(tenant), key: key.id)
    }
}
