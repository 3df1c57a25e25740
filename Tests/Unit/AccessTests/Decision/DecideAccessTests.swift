import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import Shared
import TestSupport
import Testing

@Suite("The decision", .eachCacheLevel)
struct DecideAccessTests {
    /// What a caller meets, in the order in which it is looked at.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var expected: DenialReason?
        var credential: AccessQuestion.Credential = DecisionScene.token
        var method = RequestMethod.get
        var path = "/"
        var arrange: @Sendable (DecisionScene) throws -> Void = { scene in
            try scene.addService()
            scene.addUser()
        }

        init(
            _ description: String, _ expected: DenialReason?, _ credential: AccessQuestion.Credential? = nil,
            _ method: RequestMethod = .get, _ path: String = "/",
            arrange: (@Sendable (DecisionScene) throws -> Void)? = nil
        ) {
            testDescription = description
            self.expected = expected
            self.credential = credential ?? DecisionScene.token
            self.method = method
            self.path = path
            if let arrange { self.arrange = arrange }
        }
    }

    static let credentials: [Case] = [
        Case("somebody signed in passes where nothing is asked for", nil),
        Case("a service that nobody registered is not known", .serviceUnknown) { $0.addUser() },
        Case("a service that is switched off is not known", .serviceUnknown) { scene in
            try scene.addService(isActive: false)
            scene.addUser()
        },
        Case("without a credential nobody passes", .missingCredential, AccessQuestion.Credential.none),
        Case("a credential that cannot be read is none of ours", .invalidCredential, .malformed),
        Case("a token that nobody has is refused", .invalidCredential, .accessToken("forged")),
        Case("a key that nobody has is refused", .invalidCredential, .apiKey("gpk_forged")),
        Case("a bad token is refused also where nobody needs one", .invalidCredential, .accessToken("forged")) {
            try $0.addService { $0.allowAnonymous = true }
        },
        Case("a token of somebody who is gone is refused", .invalidCredential) { scene in
            try scene.addService()
            scene.credentials.add(token: "token-of-ana", of: DecisionScene.ana)
        },
        Case("whose account is blocked is refused", .accountBlocked) { scene in
            try scene.addService()
            scene.addUser(rights: ["*:*"], isGood: false)
        },
        Case("whose account is blocked hears of that, though the block has ended the session", .accountBlocked) {
            scene in
            try scene.addService()
            scene.addUser(isGood: false)
            scene.credentials.end(token: "token-of-ana")
        },
        Case("a token whose session has ended lets nobody in", .invalidCredential) { scene in
            try scene.addService()
            scene.addUser(rights: ["*:*"])
            scene.credentials.end(token: "token-of-ana")
        },
        Case("whose owner is blocked, that key is refused", .accountBlocked, DecisionScene.key) { scene in
            try scene.addService()
            scene.addUser(isGood: false)
            try scene.addKey(scopes: ["*:*"])
        },
        Case("a key whose owner is gone is refused", .invalidCredential, DecisionScene.key) { scene in
            try scene.addService()
            try scene.addKey(scopes: ["*:*"])
        },
        Case("a key in a tenant is refused while nobody is a member of one", .invalidCredential, DecisionScene.key) {
            scene in
            try scene.addService()
            scene.addUser()
            try scene.addKey(.user(DecisionScene.ana, in: DecisionScene.tenant), scopes: ["*:*"])
        },
        Case("nobody signed in passes where the service lets him", nil, AccessQuestion.Credential.none) {
            try $0.addService { $0.allowAnonymous = true }
        },
    ]

    static let rights: [Case] = [
        Case("a service's right is asked for", .permissionDenied) { scene in
            try scene.addService { $0.requiredPermission = Permission("one:use") }
            scene.addUser(rights: ["two:use"])
        },
        Case("who has the service's right passes", nil) { scene in
            try scene.addService { $0.requiredPermission = Permission("one:use") }
            scene.addUser(rights: ["one:*"])
        },
        Case("a route's right is asked for beside the service's", .permissionDenied, nil, .get, "/admin/x") { scene in
            try scene.addService { rules in
                rules.requiredPermission = Permission("one:use")
                rules.routes = [try RouteRule(prefix: "/admin", permission: Permission("one:admin"))]
            }
            scene.addUser(rights: ["one:use"])
        },
        Case("who has both passes", nil, nil, .get, "/admin/x") { scene in
            try scene.addService { rules in
                rules.requiredPermission = Permission("one:use")
                rules.routes = [try RouteRule(prefix: "/admin", permission: Permission("one:admin"))]
            }
            scene.addUser(rights: ["one:use", "one:admin"])
        },
        Case("what no route covers is refused, whatever one may", .routeUnknown, nil, .get, "/other") { scene in
            try scene.addService { $0.routes = [try RouteRule(prefix: "/open")] }
            scene.addUser(rights: ["*:*"])
        },
        Case(
            "what no route covers is refused to nobody signed in too", .routeUnknown,
            AccessQuestion.Credential.none, .get, "/other"
        ) {
            try $0.addService { rules in
                rules.allowAnonymous = true
                rules.routes = [try RouteRule(prefix: "/open")]
            }
        },
        Case("another method than the route's is refused", .routeUnknown, nil, .post, "/open") { scene in
            try scene.addService { $0.routes = [try RouteRule(method: .get, prefix: "/open")] }
            scene.addUser()
        },
        Case(
            "nobody signed in must sign in where a right is asked for", .missingCredential,
            AccessQuestion.Credential.none, .get, "/a"
        ) {
            try $0.addService { rules in
                rules.allowAnonymous = true
                rules.routes = [try RouteRule(prefix: "/a", permission: Permission("one:use"))]
            }
        },
        Case("a key has what its scopes and its owner have", nil, DecisionScene.key) { scene in
            try scene.addService { $0.requiredPermission = Permission("one:use") }
            scene.addUser(rights: ["one:*"])
            try scene.addKey(scopes: ["*:use"])
        },
        Case("a key does not have what only its owner has", .permissionDenied, DecisionScene.key) { scene in
            try scene.addService { $0.requiredPermission = Permission("one:use") }
            scene.addUser(rights: ["*:*"])
            try scene.addKey(scopes: ["one:read"])
        },
        Case("a key does not have what its owner has no more", .permissionDenied, DecisionScene.key) { scene in
            try scene.addService { $0.requiredPermission = Permission("one:use") }
            scene.addUser(rights: [])
            try scene.addKey(scopes: ["one:use"])
        },
        Case("a key manages no accounts, whatever it says", .permissionDenied, DecisionScene.key) { scene in
            try scene.addService { $0.requiredPermission = Permission("users:write") }
            scene.addUser(rights: ["*:*"])
            try scene.addKey(scopes: ["*:*"])
        },
        Case("a key without scopes opens a service that it lists and that asks for no right", nil, DecisionScene.key) {
            scene in
            try scene.addService()
            scene.addUser()
            try scene.addKey()
        },
        Case("a key opens nothing that it does not list", .permissionDenied, DecisionScene.key) { scene in
            try scene.addService()
            scene.addUser(rights: ["*:*"])
            try scene.addKey(services: ["two"], scopes: ["*:*"])
        },
        Case("a key of the version before lists nothing, and opens nothing", .permissionDenied, DecisionScene.key) {
            scene in
            try scene.addService()
            scene.addUser(rights: ["*:*"])
            try scene.addKey(services: [], scopes: ["*:*"])
        },
        Case("a key may list every service", nil, DecisionScene.key) { scene in
            try scene.addService()
            scene.addUser()
            try scene.addKey(services: ["*"])
        },
        Case("a gateway's key is never a caller", .invalidCredential, DecisionScene.key) { scene in
            try scene.addService { $0.allowAnonymous = true }
            scene.addUser(rights: ["*:*"])
            try scene.addKey(.platform, scopes: ["access:check:one"])
        },
        Case("a tenant's own key has what its scopes say", nil, DecisionScene.key) { scene in
            try scene.addService { $0.requiredPermission = Permission("one:use") }
            try scene.addKey(.tenant(DecisionScene.tenant), scopes: ["one:use"])
        },
        Case("a tenant's own key has nothing over the platform", .permissionDenied, DecisionScene.key) { scene in
            try scene.addService { $0.requiredPermission = Permission("users:read") }
            try scene.addKey(.tenant(DecisionScene.tenant), scopes: ["*:*"])
        },
    ]

    static let plans: [Case] = [
        Case("a service that is not in the plan is refused", .notInPlan) { scene in
            try scene.addService { $0.plans = [.pro] }
            scene.addUser()
        },
        Case("with the plan it passes", nil) { scene in
            try scene.addService { $0.plans = [.pro] }
            scene.addUser(grant: EntitlementGrant(plan: .pro, since: scene.clock.now))
        },
        Case("whose payment is due has not the plan, and is told why", .paymentDue) { scene in
            try scene.addService { $0.plans = [.pro] }
            scene.addUser(grant: EntitlementGrant(plan: .pro, since: scene.clock.now, isPastDue: true))
        },
        Case("whose payment is due still has what is free", nil) { scene in
            try scene.addService()
            scene.addUser(grant: EntitlementGrant(plan: .pro, since: scene.clock.now, isPastDue: true))
        },
        Case("a plan that is over gives nothing", .notInPlan) { scene in
            try scene.addService { $0.plans = [.pro] }
            scene.addUser(
                grant: EntitlementGrant(
                    plan: .pro, since: scene.clock.now - .seconds(60), until: scene.clock.now))
        },
        Case("nobody signed in has the anonymous plan", .notInPlan, AccessQuestion.Credential.none) {
            try $0.addService { rules in
                rules.allowAnonymous = true
                rules.plans = [.free]
            }
        },
        Case("a right that is missing is told before the plan", .permissionDenied) { scene in
            try scene.addService { rules in
                rules.requiredPermission = Permission("one:use")
                rules.plans = [.pro]
            }
            scene.addUser()
        },
    ]

    @Test("who may pass, and why not", arguments: credentials + rights + plans)
    func decides(_ one: Case) async throws {
        let scene = DecisionScene()
        try one.arrange(scene)
        let answer = try await scene.decide(try DecisionScene.question(one.credential, one.method, one.path))
        #expect(answer.decision.denial == one.expected)
        // A refused request is not counted, and what is not allowed asks no counter.
        #expect(scene.meter.calls.count == (one.expected == nil ? 1 : 0))
    }

    @Test("the cookie of a session that has ended counts as none where anybody may come, and only there")
    func endedCookie() async throws {
        let scene = DecisionScene()
        scene.addUser(rights: ["*:*"])
        try scene.addService { rules in
            rules.allowAnonymous = true
            rules.routes = [
                try RouteRule(prefix: "/"), try RouteRule(prefix: "/admin", permission: Permission("one:admin")),
            ]
        }
        func ask(
            _ path: String = "/", _ credential: AccessQuestion.Credential = DecisionScene.token, isOfCookie: Bool = true
        ) async throws -> Decision {
            try await scene.decide(try DecisionScene.question(credential, .get, path, isOfCookie: isOfCookie)).decision
        }
        #expect(try await ask().caller?.kind == .user)
        scene.credentials.end(token: "token-of-ana")
        for credential in [DecisionScene.token, .accessToken("forged"), .apiKey("gpk_forged")] {
            #expect(try await ask("/", credential).caller == .anonymous)
        }
        #expect(try await ask("/admin").denial == .missingCredential)
        #expect(try await ask(isOfCookie: false).denial == .invalidCredential)
        scene.addUser(isGood: false)
        scene.credentials.end(token: "token-of-ana")
        #expect(try await ask().denial == .accountBlocked)
        try scene.addService()
        scene.addUser()
        scene.credentials.end(token: "token-of-ana")
        #expect(try await ask().denial == .invalidCredential)
    }

    @Test("a permission is asked about beside the service's own")
    func permissions() async throws {
        let scene = DecisionScene()
        try scene.addService { rules in
            rules.requiredPermission = Permission("one:use")
            rules.routes = [try RouteRule(prefix: "/a")]
        }
        let read = try #require(Permission("documents:read"))
        scene.addUser(rights: ["one:use"])
        #expect(try await scene.decide(DecisionScene.asking(.permission(read))).decision.denial == .permissionDenied)
        scene.addUser(rights: ["one:use", "documents:*"])
        #expect(try await scene.decide(DecisionScene.asking(.permission(read))).decision.isAllowed)
        scene.addUser(rights: ["documents:*"])
        #expect(try await scene.decide(DecisionScene.asking(.permission(read))).decision.denial == .permissionDenied)
    }

    @Test("an unknown path passes only where a service has no routes")
    func unknownPath() async throws {
        let scene = DecisionScene()
        scene.addUser(rights: ["*:*"])
        try scene.addService()
        #expect(try await scene.decide(DecisionScene.asking(.unknownPath)).decision.isAllowed)
        try scene.addService { $0.routes = [try RouteRule(prefix: "/")] }
        #expect(try await scene.decide(DecisionScene.asking(.unknownPath)).decision.denial == .routeUnknown)
    }

    @Test("the caller is told with kind, user, roles and plan; a key has its owner and no roles")
    func callers() async throws {
        let scene = DecisionScene()
        try scene.addService { $0.allowAnonymous = true }
        scene.addUser(roles: ["support"], grant: EntitlementGrant(plan: .pro, since: scene.clock.now))
        try scene.addKey(scopes: [])
        let ana = try await scene.decide(try DecisionScene.question()).decision.caller
        #expect(ana == Caller(kind: .user, userID: DecisionScene.ana, roles: ["support"], plan: .pro))
        let key = try await scene.decide(try DecisionScene.question(DecisionScene.key)).decision.caller
        #expect(key == Caller(kind: .key, userID: DecisionScene.ana, plan: .pro))
        let nobody = try await scene.decide(try DecisionScene.question(.none)).decision.caller
        #expect(nobody == .anonymous)
    }

    @Test("a service account is a caller of its own: its roles within the key's scopes, its plan, its counters")
    func serviceAccounts() async throws {
        let scene = DecisionScene()
        try scene.addService { $0.requiredPermission = Permission("one:use") }
        let id = ServiceAccountID(SequentialIdentifiers.identifier(950))
        try scene.addKey(.serviceAccount(id), scopes: ["one:use"])
        func decide() async throws -> AccessAnswer {
            try await scene.decide(try DecisionScene.question(DecisionScene.key))
        }
        let gone = try await decide().decision
        #expect(gone.denial == .invalidCredential && gone.caller == nil)
        func stand(_ rights: [String], isActive: Bool = true) {
            scene.standings.set(
                ServiceAccountStanding(
                    id: id, isActive: isActive, roles: ["robots"],
                    rights: CallerRights(platform: PermissionSet(rights.compactMap { Permission($0) })),
                    plan: EffectivePlan(nil, catalog: .standard, at: scene.clock.now)))
        }
        stand(["one:use"], isActive: false)
        let off = try await decide().decision
        #expect(off.denial == .accountBlocked && off.caller?.serviceAccountID == id)
        stand(["two:use"])
        #expect(try await decide().decision.denial == .permissionDenied)
        stand(["one:use"])
        let allowed = try await decide().decision
        #expect(allowed.isAllowed && allowed.caller == Caller(serviceAccount: id, plan: .free))
        #expect(allowed.caller?.userID == nil && allowed.caller?.roles == [])
        let draw = try #require(scene.meter.taken.last)
        #expect(draw.drawer == .known(.serviceAccount(id)) && draw.burstSubject == .serviceAccount(id))
        // A right that the account has and the key's scopes do not.
        try scene.addKey(.serviceAccount(id), scopes: ["two:use"])
        stand(["*:*"])
        #expect(try await decide().refusal?.missing == Permission("one:use"))
        try scene.addKey(.serviceAccount(id), services: ["two"], scopes: ["one:use"])
        #expect(try await decide().serviceNotListed?.text == "one")
    }

    @Test("a refusal names the service that the key does not list, and only then")
    func serviceNotListed() async throws {
        let scene = DecisionScene()
        let service = try scene.addService { $0.requiredPermission = Permission("one:use") }
        scene.addUser()
        try scene.addKey(services: ["two"])
        let refused = try await scene.decide(try DecisionScene.question(DecisionScene.key))
        #expect(refused.serviceNotListed == service.slug && refused.refusal?.missing == nil)
        try scene.addKey()
        let missing = try await scene.decide(try DecisionScene.question(DecisionScene.key))
        #expect(missing.serviceNotListed == nil && missing.refusal?.missing == Permission("one:use"))
    }

    @Test("the address is told only to services that ask for it, and only if one may pass")
    func email() async throws {
        let scene = DecisionScene()
        scene.addUser()
        try scene.addService()
        #expect(try await scene.decide(try DecisionScene.question()).email == nil)
        try scene.addService { $0.wantsEmail = true }
        #expect(try await scene.decide(try DecisionScene.question()).email?.text == "ana@example.com")
        scene.meter.plan(scene.refused())
        #expect(try await scene.decide(try DecisionScene.question()).email == nil)
    }

    @Test("a process that cannot ask whether it is up to date decides nothing")
    func stale() async throws {
        let scene = DecisionScene()
        try scene.addService()
        scene.addUser()
        scene.freshness.fail(with: Unavailable("database", reason: "gone"))
        await #expect(throws: Unavailable.self) { try await scene.decide(try DecisionScene.question()) }
        #expect(scene.meter.calls.isEmpty)
    }
}
