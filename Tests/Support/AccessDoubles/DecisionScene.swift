import AccessApplication
import AccessContract
import AccessDomain
import Shared
import TestSupport
import Testing

/// The use cases of the decision with doubles around them: one service, a few people and keys.
package struct DecisionScene: Sendable {
    package let clock: ManualClock
    package let identifiers = SequentialIdentifiers()
    package let services = ServiceDirectoryDouble()
    package let standings = StandingDirectoryDouble()
    package let credentials = CredentialReaderDouble()
    package let freshness = FreshnessDouble()
    package let meter: MeterDouble
    package let log = DecisionLogDouble()
    /// What was noted, unless the scene was given others.
    package let followUps = FollowUpsDouble()
    package let seal = DecisionSealDouble()
    private let decision: DecideAccessService
    package let settle: SettleQuotaService
    package let refuse: RefuseAtDoorService
    private let recognition: RecognizeGatewayService

    package static let address = NetworkAddress(ipv4: 0xC000_0207)
    package static let ana = SequentialIdentifiers.identifier(900)
    package static let tenant = TenantID(SequentialIdentifiers.identifier(901))
    package static let device = SequentialIdentifiers.identifier(902)

    /// - Parameters:
    ///   - log: instead of the double.
    ///   - followUps: the same.
    package init(
        perPrefix: Int = 1, clock: ManualClock = ManualClock(), meter: MeterDouble = MeterDouble(),
        log: (any DecisionLog)? = nil, followUps: (any FollowUps)? = nil
    ) {
        self.clock = clock
        self.meter = meter
        let journal = DecisionJournal(
            log: log ?? self.log, followUps: followUps ?? self.followUps, identifiers: identifiers, seal: seal)
        decision = DecideAccessService(
            services: services, standings: standings, credentials: credentials, registry: .ofTests,
            freshness: freshness, meter: meter, answered: AnsweredRequestsDouble(), journal: journal,
            catalog: .standard, perPrefix: perPrefix,
            clock: clock)
        settle = SettleQuotaService(
            services: services, standings: standings, credentials: credentials, registry: .ofTests,
            freshness: freshness, meter: meter, journal: journal, catalog: .standard, perPrefix: perPrefix, clock: clock
        )
        refuse = RefuseAtDoorService(services: services, journal: journal, clock: clock)
        recognition = RecognizeGatewayService(
            services: services, credentials: credentials, freshness: freshness, clock: clock)
    }

    /// As a door asks: at once if memory knows enough, which it must if it knows everything.
    package func decide(_ question: AccessQuestion) async throws -> AccessAnswer {
        if decision.canRecall, let answer = decision.recall(question) { return answer }
        return try await decision(question)
    }

    /// The same.
    package func recognize(key: String, for service: String?) async throws -> GatewayRecognition {
        if let answer = recognition.recall(key: key, for: service) { return answer }
        #expect(CacheLevel.current < .people)
        return try await recognition(key: key, for: service)
    }

    /// Registers the service `one`.
    @discardableResult
    package func addService(
        isActive: Bool = true, _ change: (inout ServiceRules) throws -> Void = { _ in }
    ) throws -> RegisteredService {
        var rules = ServiceRules(name: "One", audience: "one", upstream: "http://127.0.0.1:9000", routes: [])
        try change(&rules)
        let service = RegisteredService(
            id: ServiceID(SequentialIdentifiers.identifier(800)), slug: try #require(ServiceSlug("one")), rules: rules,
            isActive: isActive, createdAt: clock.now, updatedAt: clock.now)
        services.set([service])
        return service
    }

    /// Somebody with the token `token-of-ana`.
    package func addUser(
        rights: [String] = [], roles: [String] = [], isGood: Bool = true, grant: EntitlementGrant? = nil
    ) {
        let entitlement = grant.map {
            Entitlement(
                id: EntitlementID(SequentialIdentifiers.identifier(700)), subject: .user(Self.ana), grant: $0,
                version: 3, updatedAt: clock.now)
        }
        standings.set(
            Standing(
                userID: Self.ana, isGood: isGood, email: EmailAddress("ana@example.com"), roles: roles,
                rights: CallerRights(platform: PermissionSet(rights.compactMap { Permission($0) })),
                plan: EffectivePlan(entitlement, catalog: .standard, at: clock.now)))
        credentials.add(token: "token-of-ana", of: Self.ana)
    }

    /// A key with the text `gpk_key`.
    @discardableResult
    package func addKey(
        _ owner: APIKey.Owner = .user(ana, in: nil), services: [String] = ["one"], scopes: [String] = []
    ) throws -> APIKey {
        let key = APIKey(
            id: APIKeyID(SequentialIdentifiers.identifier(600)), name: "key",
            prefix: try #require(APIKeyPrefix("0123456789")), hash: [], owner: owner,
            services: try KeyServices(texts: services, field: "services"),
            scopes: PermissionSet(scopes.compactMap { Permission($0) }), createdAt: clock.now, expiresAt: nil)
        credentials.add(key, text: "gpk_key")
        return key
    }

    package static let visitor = AnonymousCaller(address: address, device: nil)
    package static let token = AccessQuestion.Credential.accessToken("token-of-ana")
    package static let key = AccessQuestion.Credential.apiKey("gpk_key")

    package static func question(
        _ credential: AccessQuestion.Credential = token, _ method: RequestMethod = .get, _ path: String = "/",
        service: String = "one", cost: Int? = nil, isDryRun: Bool = false, device: Identifier? = nil,
        request: String? = nil, address: NetworkAddress = address, isOfCookie: Bool = false
    ) throws -> AccessQuestion {
        AccessQuestion(
            credential: credential, visitor: AnonymousCaller(address: address, device: device), service: service,
            demand: .request(method, try RequestPath(target: path)), cost: cost, isDryRun: isDryRun,
            gatewayRequest: request.map { .init(gateway: .peer(.loopback), requestID: $0) }, isOfCookie: isOfCookie)
    }

    package static func asking(
        _ demand: AccessQuestion.Demand, _ credential: AccessQuestion.Credential = token
    ) -> AccessQuestion {
        AccessQuestion(credential: credential, visitor: visitor, service: "one", demand: demand)
    }

    /// The day's limit with so much used.
    package func limit(_ used: Int, of limit: Int = 50) -> BindingLimit {
        BindingLimit(policy: "day", limit: limit, used: used, window: WindowUnit.day.window(at: clock.now))
    }

    package func refused(_ used: Int = 50) -> DrawOutcome { DrawOutcome(isAllowed: false, binding: limit(used)) }
}
