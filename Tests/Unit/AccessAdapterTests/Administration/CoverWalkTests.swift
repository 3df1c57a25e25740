import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import HTTP
import HTTPSupport
import JSON
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

/// Every route that writes rights, with what somebody without `payroll:read` tries there.
@Suite("The rule of cover, at every writer of rights")
struct CoverWalkTests {
    /// Something that only who has `payroll:read`, and all else that is in play, may do.
    private struct Attempt: Sendable {
        let path: String
        let body: JSONValue?

        init(_ path: String, _ body: JSONValue? = nil) {
            self.path = path
            self.body = body
        }
    }

    /// What is there, and what is tried at each route; routes that write no rights have nothing to try.
    private struct Scene {
        let house: AdministrationHouse
        private let boss: UserID
        private let ana: UserID
        private let payer: RoleID
        private let unheld: RoleID
        private let key: APIKeyID
        private let gateway: APIKeyID
        private let robot: ServiceAccountID
        private let robotKey: APIKeyID

        /// All that the routes themselves ask for, and nothing else.
        static let manager = [
            "users:*", "roles:*", "services:*", "api_keys:*", "service_accounts:*", "entitlements:*", "usage:*",
            "plain:*",
        ]

        init(_ house: AdministrationHouse) throws {
            self.house = house
            boss = try house.user("boss")
            ana = try house.user("ana")
            payer = house.identifiers.next()
            unheld = house.identifiers.next()
            key = house.identifiers.next()
            gateway = house.identifiers.next()
            robot = house.identifiers.next()
            robotKey = house.identifiers.next()
            let now = house.clock.now
            let payroll = try PermissionSet(texts: ["payroll:read"], field: "")
            let named: [(RoleID, String, PermissionSet)] = [
                (payer, "payer", payroll), (unheld, "unheld", payroll), (house.identifiers.next(), "plain", .empty),
            ]
            let roles = named.map { id, name, permissions in
                Role(id: id, tenantID: nil, name: name, permissions: permissions, createdAt: now, updatedAt: now)
            }
            let services = try ["payroll", "plain", "routed"].map { slug throws -> RegisteredService in
                var rules = ServiceRules(name: slug, audience: slug, upstream: "http://127.0.0.1:9000", routes: [])
                if slug == "payroll" { rules.requiredPermission = Permission("payroll:read") }
                if slug == "routed" {
                    rules.routes = [try RouteRule(prefix: "/pay", permission: Permission("payroll:read"))]
                }
                return RegisteredService(
                    id: house.identifiers.next(), slug: try #require(ServiceSlug(slug)), rules: rules, createdAt: now,
                    updatedAt: now)
            }
            let shop = KeyServices([try #require(ServiceSlug("payroll"))])
            let keys = [
                APIKey(
                    id: key, name: "key", prefix: APIKeyText(random: SeededRandom(seed: 1)).prefix, hash: [1],
                    owner: .user(boss.value, in: nil), services: shop, scopes: payroll, createdAt: now, expiresAt: nil),
                APIKey(
                    id: gateway, name: "gateway", prefix: APIKeyText(random: SeededRandom(seed: 2)).prefix, hash: [1],
                    owner: .platform, services: shop, scopes: shop.checks, createdAt: now, expiresAt: nil),
                // Its scopes are empty: what its account may do is what counts.
                APIKey(
                    id: robotKey, name: "robot", prefix: APIKeyText(random: SeededRandom(seed: 3)).prefix, hash: [1],
                    owner: .serviceAccount(robot), services: shop, scopes: .empty, createdAt: now, expiresAt: nil),
            ]
            let account = ServiceAccount(id: robot, name: "robot", createdAt: now, updatedAt: now)
            let subjects: [EntitlementSubject] = [.user(boss.value), .serviceAccount(robot)]
            let entitlements = subjects.map { subject in
                Entitlement(
                    id: house.identifiers.next(), subject: subject,
                    grant: EntitlementGrant(plan: .pro, since: now), version: 1, updatedAt: now)
            }
            let (holder, held) = (boss.value, payer)
            house.work.arrange { store in
                for role in roles { store.roles[role.id] = role }
                for service in services { store.services[service.id] = service }
                for key in keys { store.apiKeys[key.id] = key }
                store.userRoles[holder] = [held]
                store.serviceAccounts[account.id] = account
                store.serviceAccountRoles[account.id] = [held]
                for entitlement in entitlements { store.entitlements[entitlement.subject] = entitlement }
            }
        }

        private static func service(_ name: String, _ value: JSONValue) -> JSONValue {
            var service: JSONObject = [
                "slug": "new", "name": "New", "audience": "new", "upstream": "http://127.0.0.1:9000",
            ]
            service[name] = value
            return .object(service)
        }

        /// By method and path; nil for a route that nobody has thought about.
        func attempts(at route: Route) -> [Attempt]? {
            let routes: JSONValue = [["path": "/", "permission": "payroll:read"]]
            switch "\(route.method.rawValue) \(route.path)" {
            case "PUT /users/{id}/roles":
                return [
                    Attempt("/users/\(ana)/roles", ["roles": ["payer"]]),
                    Attempt("/users/\(boss)/roles", ["roles": []]),
                ]
            case "POST /roles": return [Attempt("/roles", ["name": "new", "permissions": ["payroll:read"]])]
            case "PATCH /roles/{id}":
                return [
                    Attempt("/roles/\(payer)", ["permissions": []]), Attempt("/roles/\(payer)", ["name": "other"]),
                ]
            case "DELETE /roles/{id}": return [Attempt("/roles/\(unheld)")]
            case "POST /services":
                return [
                    Attempt("/services", Self.service("required_permission", "payroll:read")),
                    Attempt("/services", Self.service("routes", routes)),
                ]
            case "PATCH /services/{slug}":
                return [
                    Attempt("/services/payroll", ["required_permission": .null]),
                    Attempt("/services/payroll", ["allow_anonymous": true]),
                    Attempt("/services/payroll", ["pass_credentials": true]),
                    Attempt("/services/payroll", ["audience": "elsewhere"]),
                    Attempt("/services/routed", ["routes": []]),
                    Attempt("/services/plain", ["required_permission": "payroll:read"]),
                    Attempt("/services/plain", ["routes": routes]),
                ]
            case "POST /services/{slug}/deactivate": return [Attempt("/services/payroll/deactivate")]
            case "DELETE /services/{slug}": return [Attempt("/services/payroll"), Attempt("/services/routed")]
            case "PUT /users/{id}/entitlement": return [Attempt("/users/\(boss)/entitlement", ["plan": "enterprise"])]
            case "DELETE /users/{id}/entitlement": return [Attempt("/users/\(boss)/entitlement")]
            case "POST /service-accounts":
                return [Attempt("/service-accounts", ["name": "new", "roles": ["payer"]])]
            case "PATCH /service-accounts/{id}":
                return [
                    Attempt("/service-accounts/\(robot)", ["name": "other"]),
                    Attempt("/service-accounts/\(robot)", ["roles": []]),
                    Attempt("/service-accounts/\(robot)", ["is_active": false]),
                ]
            case "DELETE /service-accounts/{id}": return [Attempt("/service-accounts/\(robot)")]
            case "PUT /service-accounts/{id}/entitlement":
                return [Attempt("/service-accounts/\(robot)/entitlement", ["plan": "enterprise"])]
            case "DELETE /service-accounts/{id}/entitlement":
                return [Attempt("/service-accounts/\(robot)/entitlement")]
            case "POST /api-keys":
                return [
                    Attempt("/api-keys", ["name": "k", "services": ["*"], "scopes": ["payroll:read"]]),
                    Attempt("/api-keys", ["name": "k", "services": ["*"], "user_id": .string("\(boss)")]),
                    Attempt("/api-keys", ["name": "k", "kind": "gateway", "services": ["payroll"]]),
                    Attempt(
                        "/api-keys", ["name": "k", "services": ["*"], "service_account_id": .string("\(robot)")]),
                ]
            case "PATCH /api-keys/{id}":
                return [
                    Attempt("/api-keys/\(key)", ["services": ["*"]]),
                    Attempt("/api-keys/\(gateway)", ["services": ["plain"]]),
                    Attempt("/api-keys/\(robotKey)", ["services": ["plain"]]),
                ]
            case "DELETE /api-keys/{id}": return [key, gateway, robotKey].map { Attempt("/api-keys/\($0)") }
            case "POST /api-keys/{id}/rotate":
                return [gateway, robotKey].map { Attempt("/api-keys/\($0)/rotate", [:]) }
            // The service is closed already by the one before; what it opens again is what was open.
            case "POST /services/{slug}/activate", "POST /permissions/check": return []
            default: return nil
            }
        }
    }

    /// What the store holds of rights, as text.
    private func rights(_ house: AdministrationHouse) -> String {
        let store = house.work.store
        let lines: [String] = [
            "\(store.roles.values.sorted { $0.id < $1.id })", "\(store.userRoles.sorted { $0.key < $1.key })",
            "\(store.services.values.sorted { $0.slug < $1.slug }.map { ($0.slug, $0.rules, $0.isActive) })",
            "\(store.apiKeys.values.sorted { $0.id < $1.id }.map { ($0.id, $0.services, $0.scopes, $0.revokedAt) })",
            "\(store.entitlements.values.sorted { $0.id < $1.id }.map(\.grant))",
            "\(store.serviceAccounts.values.sorted { $0.id < $1.id })",
            "\(store.serviceAccountRoles.sorted { $0.key < $1.key })",
        ]
        return lines.joined(separator: "\n")
    }

    @Test("who does not have what is in a thing, or will be in it, does not write it, neither as a person nor by a key")
    func walk() async throws {
        try await withAdministrationHouse { house in
            let scene = try Scene(house)
            let manager = try house.signIn(permissions: Scene.manager)
            let program = house.client(("X-Api-Key", try house.key(Scene.manager, of: manager.userID)))
            let before = rights(house)
            for route in house.routes where route.method != .get {
                let name = "\(route.method.rawValue) \(route.path)"
                let attempts = try #require(
                    scene.attempts(at: route), "\(name) may write rights: say what is tried there")
                for attempt in attempts {
                    for caller in [manager, program] {
                        let answer = await caller.send(route.method, attempt.path, attempt.body)
                        #expect(answer.refusal == "403 permission_denied", "\(name): \(attempt.path)")
                    }
                    #expect(house.work.store.audit.last?.reason == "permission_denied", "\(name): \(attempt.path)")
                    #expect(rights(house) == before, "\(name): \(attempt.path)")
                }
            }
        }
    }

    @Test("who has all of it does")
    func allowed() async throws {
        try await withAdministrationHouse { house in
            let scene = try Scene(house)
            let owner = try house.signIn(permissions: Scene.manager + ["payroll:read", "access:check"])
            let saved = house.work.store
            for route in house.routes where route.method != .get {
                for attempt in scene.attempts(at: route) ?? [] {
                    let answer = await owner.send(route.method, attempt.path, attempt.body)
                    let refusal = answer.refusal ?? "none"
                    #expect((200...204).contains(answer.status), "\(route.path) \(attempt.path): \(refusal)")
                    house.work.arrange { $0 = saved }
                }
            }
        }
    }
}
