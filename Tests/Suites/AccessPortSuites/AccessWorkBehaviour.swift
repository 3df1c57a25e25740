import AccessApplication
import AccessContract
import AccessDomain
import Shared
import TestSupport
import Testing

/// Something that every implementation of `AccessWork` must do.
package struct AccessWorkBehaviour: Sendable, CustomTestStringConvertible {
    package let testDescription: String
    package let check: @Sendable (AccessWorkSubject) async throws -> Void

    init(_ name: String, _ check: @escaping @Sendable (AccessWorkSubject) async throws -> Void) {
        testDescription = name
        self.check = check
    }

    package static let all = services + roles + apiKeys + serviceAccounts + keyUses + entitlements + unitsOfWork
}

/// A store with nothing but the built-in roles, and what others see of it.
package struct AccessWorkSubject: Sendable {
    package let work: any AccessWork
    /// What every process was told of, in order.
    package let changes: @Sendable () async throws -> [AccessChange]
    /// Whether this is how the store says that a rule of its schema would be broken.
    package let isViolation: @Sendable (any Error) -> Bool

    package init(
        work: any AccessWork, changes: @escaping @Sendable () async throws -> [AccessChange],
        isViolation: @escaping @Sendable (any Error) -> Bool
    ) {
        self.work = work
        self.changes = changes
        self.isViolation = isViolation
    }

    /// Does what a rule of the schema forbids.
    func expectViolation(
        at location: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
    ) async {
        await #expect(sourceLocation: location) { try await body() } throws: { isViolation($0) }
    }
}

/// What the behaviours store. Times are whole milliseconds, as every store keeps them.
enum Sample {
    static let now = Timestamp(milliseconds: 1_790_000_000_123)

    static func id(_ number: UInt64) -> Identifier { SequentialIdentifiers.identifier(number) }

    static func slug(_ text: String) throws -> ServiceSlug { try #require(ServiceSlug(text)) }

    static func service(_ number: UInt64, _ slug: String, rules: ServiceRules? = nil) throws -> RegisteredService {
        RegisteredService(
            id: ServiceID(id(number)), slug: try Self.slug(slug),
            rules: rules
                ?? ServiceRules(name: "One", audience: "one", upstream: "http://127.0.0.1:9000", routes: []),
            createdAt: now, updatedAt: now)
    }

    /// Every member that may be absent is there, and paths that need an escape.
    static func fullRules() throws -> ServiceRules {
        let routes = [
            try RouteRule(method: .get, prefix: "/"), try RouteRule(prefix: "/a%20b/%C3%A9/%7e", cost: 0),
            try RouteRule(method: .post, prefix: "/x-y_z~1", permission: Permission("x:write"), cost: 1_000_000),
            try RouteRule(method: .delete, prefix: "/100%25", permission: Permission("x:*")),
        ]
        return ServiceRules(
            name: "Ein Dienst \u{00E9}", audience: "https://one.example.com", upstream: "https://10.0.0.1:9000/base",
            requiredPermission: Permission("one:use"), routes: routes, allowAnonymous: true, passCredentials: true,
            wantsEmail: true, plans: [.pro, .enterprise])
    }

    static func role(_ number: UInt64, _ name: String, _ rights: String..., tenant: UInt64? = nil) -> Role {
        Role(
            id: RoleID(id(number)), tenantID: tenant.map { TenantID(id($0)) }, name: name,
            permissions: PermissionSet(rights.compactMap { Permission($0) }), createdAt: now, updatedAt: now)
    }

    static func key(_ number: UInt64, of owner: APIKey.Owner, prefix: String? = nil) throws -> APIKey {
        APIKey(
            id: APIKeyID(id(number)), name: "Key \(number)",
            prefix: try #require(APIKeyPrefix(prefix ?? "AbCdEfGh\(10 + number % 90)")),
            hash: [UInt8](repeating: UInt8(number), count: 32), owner: owner,
            services: KeyServices([try slug("one"), try slug("shop")], listsEvery: number.isMultiple(of: 3)),
            scopes: PermissionSet([Permission("access:check:one"), Permission("shop:read")].compactMap { $0 }),
            createdAt: now, expiresAt: number.isMultiple(of: 2) ? now + .seconds(60) : nil)
    }

    static func entitlement(_ number: UInt64, _ subject: EntitlementSubject, version: Int64 = 1) -> Entitlement {
        Entitlement(
            id: EntitlementID(id(number)), subject: subject,
            grant: EntitlementGrant(plan: .pro, since: now), version: version, updatedAt: now)
    }
}

struct Stop: Error {}
