import AccessApplication
import AccessContract
import AccessDomain
import SQL
import Shared

struct SQLServiceRepository: ServiceRepository {
    let transaction: any SQLTransaction

    func all() throws -> [RegisteredService] {
        // Sorted here: databases order text by rules of their own.
        try transaction.query(Self.select, Self.service).sorted { $0.slug < $1.slug }
    }

    func find(_ slug: ServiceSlug) throws -> RegisteredService? {
        try transaction.first("\(Self.select) WHERE slug = \(slug.text)", Self.service)
    }

    func lock(_ slug: ServiceSlug) throws -> RegisteredService? {
        try transaction.first("\(Self.select) WHERE slug = \(slug.text)\(forUpdate)", Self.service)
    }

    func insert(_ service: RegisteredService) throws -> Bool {
        let rules = service.rules
        return try transaction.execute(
            """
            INSERT INTO services (id, slug, name, audience, upstream, required_permission, routes, allow_anonymous,
                pass_credentials, wants_email, browser_sign_in, plans, is_active, created_at, updated_at)
            VALUES (\(service.id), \(service.slug.text), \(rules.name), \(rules.audience), \(rules.upstream),
                \(rules.requiredPermission?.description), \(json: RouteColumn.json(rules.routes)),
                \(rules.allowAnonymous), \(rules.passCredentials), \(rules.wantsEmail),
                \(rules.browserSignIn), \(json: AccessColumns.json(rules.plans.map(\.text))), \(service.isActive), \(service.createdAt),
                \(service.updatedAt))
            ON CONFLICT (slug) DO NOTHING
            """) == 1
    }

    func update(_ service: RegisteredService) throws {
        let rules = service.rules
        try transaction.submit(
            """
            UPDATE services SET name = \(rules.name), audience = \(rules.audience), upstream = \(rules.upstream),
                required_permission = \(rules.requiredPermission?.description),
                routes = \(json: RouteColumn.json(rules.routes)), allow_anonymous = \(rules.allowAnonymous),
                pass_credentials = \(rules.passCredentials), wants_email = \(rules.wantsEmail),
                browser_sign_in = \(rules.browserSignIn), plans = \(json: AccessColumns.json(rules.plans.map(\.text))), is_active = \(service.isActive),
                updated_at = \(service.updatedAt)
            WHERE id = \(service.id)
            """)
    }

    func isAudienceTaken(_ audience: String, except id: ServiceID) throws -> Bool {
        try transaction.lock(name: "access/audiences")
        let other = try transaction.first(
            "SELECT 1 FROM services WHERE audience = \(audience) AND id <> \(id)"
        ) { _ in true }
        return other == true
    }

    func delete(_ id: ServiceID) throws { try transaction.submit("DELETE FROM services WHERE id = \(id)") }

    private static let select: Statement =
        """
        SELECT id, slug, name, audience, upstream, required_permission, routes, allow_anonymous, pass_credentials,
            wants_email, browser_sign_in, plans, is_active, created_at, updated_at
        FROM services
        """

    private static func service(_ row: Row) throws -> RegisteredService {
        var next = row.reader
        let id: ServiceID = try next.id()
        guard let slug = ServiceSlug(try next.text()) else { throw InternalFailure("service \(id) has no valid slug") }
        let rules = ServiceRules(
            name: try next.text(), audience: try next.text(), upstream: try next.text(),
            requiredPermission: try next.optionalText().map(AccessColumns.permission),
            routes: try RouteColumn.routes(try next.json()), allowAnonymous: try next.bool(),
            passCredentials: try next.bool(), wantsEmail: try next.bool(),
            browserSignIn: try next.bool(), plans: try AccessColumns.texts(try next.json()).map(AccessColumns.plan))
        return RegisteredService(
            id: id, slug: slug, rules: rules, isActive: try next.bool(), createdAt: try next.timestamp(),
            updatedAt: try next.timestamp())
    }
}
