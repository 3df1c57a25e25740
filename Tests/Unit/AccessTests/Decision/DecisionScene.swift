import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import Shared
import Synchronization
import TestSupport
import Testing

/// The use cases of the decision with doubles around them: one service, a few people and keys.
struct DecisionScene: Sendable {
    let clock = ManualClock()
    let identifiers = SequentialIdentifiers()
    let services = ServiceDirectoryDouble()
    let standings = StandingDirectoryDouble()
    let credentials = CredentialReaderDouble()
    let freshness = FreshnessDouble()
    let meter = MeterDouble()
    let work = InMemoryAccessWork()
    let log: DecisionLog
    let followUps: FollowUps
    let decide: DecideAccessService
    let settle: SettleQuotaService
    let refuse: RefuseAtDoorService
    let recognize: RecognizeGatewayService

    static let address = NetworkAddress(ipv4: 0xC000_0207)
    static let ana = SequentialIdentifiers.identifier(900)
    static let tenant = TenantID(SequentialIdentifiers.identifier(901))
    static let device = SequentialIdentifiers.identifier(902)

    init(perPrefix: Int = 1) {
        log = DecisionLog(clock: clock)
        followUps = FollowUps(work: work, meter: meter, clock: clock, logger: .silent)
        let journal = DecisionJournal(log: log, followUps: followUps, identifiers: identifiers)
        decide = DecideAccessService(
            services: services, standings: standings, credentials: credentials, freshness: freshness, meter: meter,
            journal: journal, catalog: .standard, perPrefix: perPrefix, clock: clock)
        settle = SettleQuotaService(
            services: services, standings: standings, credentials: credentials, freshness: freshness, meter: meter,
            journal: journal, catalog: .standard, perPrefix: perPrefix, clock: clock)
        refuse = RefuseAtDoorService(services: services, journal: journal, clock: clock)
        recognize = RecognizeGatewayService(
            services: services, standings: standings, credentials: credentials, freshness: freshness, clock: clock)
    }

    /// Registers the service `one`.
    @discardableResult
    func addService(
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
    func addUser(
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
    func addKey(_ owner: APIKey.Owner = .user(ana, in: nil), scopes: [String]) throws -> APIKey {
        let key = APIKey(
            id: APIKeyID(SequentialIdentifiers.identifier(600)), name: "key",
            prefix: try #require(APIKeyPrefix("0123456789")), hash: [], owner: owner,
            scopes: PermissionSet(scopes.compactMap { Permission($0) }), createdAt: clock.now, expiresAt: nil)
        credentials.add(key, text: "gpk_key")
        return key
    }

    static let visitor = AnonymousCaller(address: address, device: nil)
    static let token = AccessQuestion.Credential.accessToken("token-of-ana")
    static let key = AccessQuestion.Credential.apiKey("gpk_key")

    static func question(
        _ credential: AccessQuestion.Credential = token, _ method: RequestMethod = .get, _ path: String = "/",
        service: String = "one", cost: Int? = nil, isDryRun: Bool = false, device: Identifier? = nil,
        request: String? = nil, address: NetworkAddress = address
    ) throws -> AccessQuestion {
        AccessQuestion(
            credential: credential, visitor: AnonymousCaller(address: address, device: device), service: service,
            demand: .request(method, try RequestPath(target: path)), cost: cost, isDryRun: isDryRun,
            gatewayRequest: request.map { .init(gateway: .peer(.loopback), requestID: $0) })
    }

    static func asking(
        _ demand: AccessQuestion.Demand, _ credential: AccessQuestion.Credential = token
    ) -> AccessQuestion {
        AccessQuestion(credential: credential, visitor: visitor, service: "one", demand: demand)
    }

    /// The day's limit with so much used.
    func limit(_ used: Int, of limit: Int = 50) -> BindingLimit {
        BindingLimit(policy: "day", limit: limit, used: used, window: WindowUnit.day.window(at: clock.now))
    }

    func refused(_ used: Int = 50) -> DrawOutcome { DrawOutcome(isAllowed: false, binding: limit(used)) }
}

/// Counts how often it was asked, and fails if a test says so.
final class FreshnessDouble: Freshness {
    private let failure = Mutex<(any Error)?>(nil)
    private let calls = Mutex(0)

    var callCount: Int { calls.withLock { $0 } }

    func fail(with error: any Error) { failure.withLock { $0 = error } }

    func refreshIfStale(at now: Timestamp) async throws {
        calls.withLock { $0 += 1 }
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
