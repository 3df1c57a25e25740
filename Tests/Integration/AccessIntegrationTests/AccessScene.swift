import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import AccountsContractDoubles
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

/// Somebody, a service and a key in a house.
extension AccessHouse {
    static let ana = UserID(SequentialIdentifiers.identifier(900))
    static let address = NetworkAddress(ipv4: 0xC000_0207)

    func addUser(isAdministrator: Bool = false, block: UserBlock? = nil, isActive: Bool = true) throws {
        accounts.set(
            UserStanding(
                userID: Self.ana, address: try #require(EmailAddress("ana@example.com")), isActive: isActive,
                isVerified: true, isAdministrator: isAdministrator, block: block))
        accounts.add(token: "token-of-ana", of: Self.ana)
    }

    @discardableResult
    func addService(
        _ slug: String = "one", _ process: AccessAdapters, _ change: (inout ServiceRules) -> Void = { _ in }
    ) async throws -> RegisteredService {
        var rules = ServiceRules(name: slug, audience: slug, upstream: "http://127.0.0.1:9000", routes: [])
        change(&rules)
        let service = RegisteredService(
            id: identifiers.next(), slug: try #require(ServiceSlug(slug)), rules: rules, createdAt: clock.now,
            updatedAt: clock.now)
        let now = clock.now
        try await process.work.write { context in
            _ = try context.services.insert(service)
            try context.changed(.services, at: now)
        }
        return service
    }

    /// A key of a person that opens everything; a gateway's if all its scopes are for asking.
    ///
    /// - Returns: the key and its text.
    func addKey(_ scopes: [String], _ process: AccessAdapters) async throws -> (key: APIKey, text: String) {
        let text = APIKeyText(random: SystemRandomSource())
        let scopes = PermissionSet(scopes.compactMap { Permission($0) })
        let asked = KeyServices(checks: scopes)
        let key = APIKey(
            id: identifiers.next(), name: "key", prefix: text.prefix,
            hash: process.digest.digest(of: text.secret.reveal()),
            owner: asked == nil ? .user(Self.ana.value, in: nil) : .platform,
            services: asked ?? KeyServices([.gapura], listsEvery: true), scopes: scopes, createdAt: clock.now,
            expiresAt: nil)
        try await process.work.write { try $0.apiKeys.insert(key) }
        return (key, text.text.reveal())
    }

    static let robot = ServiceAccountID(SequentialIdentifiers.identifier(950))

    /// - Returns: the text of a key of a service account that opens everything.
    func addServiceAccountKey(_ process: AccessAdapters) async throws -> String {
        let text = APIKeyText(random: SystemRandomSource())
        let key = APIKey(
            id: identifiers.next(), name: "robot", prefix: text.prefix,
            hash: process.digest.digest(of: text.secret.reveal()), owner: .serviceAccount(Self.robot),
            services: KeyServices([.gapura], listsEvery: true), scopes: .empty, createdAt: clock.now, expiresAt: nil)
        let account = ServiceAccount(id: Self.robot, name: "robot", createdAt: clock.now, updatedAt: clock.now)
        try await process.work.write { context in
            try context.serviceAccounts.insert(account)
            try context.apiKeys.insert(key)
        }
        return text.text.reveal()
    }

    func grant(_ plan: PlanCode, until: Timestamp? = nil, version: Int64, _ process: AccessAdapters) async throws {
        let now = clock.now
        let id: EntitlementID = identifiers.next()
        try await process.work.write { context in
            try context.entitlements.save(
                Entitlement(
                    id: id, subject: .user(Self.ana.value),
                    grant: EntitlementGrant(plan: plan, since: now, until: until), version: version, updatedAt: now))
            try context.changed(.user(Self.ana.value), at: now)
        }
    }

    func standing(_ process: AccessAdapters) async throws -> Standing? {
        try await process.standings.standing(of: Self.ana.value, at: clock.now)
    }

    static func question(
        _ credential: AccessQuestion.Credential = .accessToken("token-of-ana"), service: String = "one"
    ) throws -> AccessQuestion {
        AccessQuestion(
            credential: credential, visitor: AnonymousCaller(address: address, device: nil), service: service,
            demand: .request(.get, try RequestPath(target: "/a/b?c=d")))
    }
}
