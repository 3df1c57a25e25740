import AccessApplication
import AccessContract
import AccessDomain
import SQL
import Shared

struct SQLAPIKeyRepository: APIKeyRepository {
    let transaction: any SQLTransaction

    func find(_ id: APIKeyID) throws -> APIKey? { try transaction.first("\(Self.select) WHERE id = \(id)", Self.key) }

    func find(_ prefix: APIKeyPrefix) throws -> APIKey? {
        try transaction.first("\(Self.select) WHERE prefix = \(prefix.description)", Self.key)
    }

    func prefixes() throws -> [APIKeyPrefix] {
        try transaction.query("SELECT prefix FROM api_keys") { row in
            var next = row.reader
            guard let prefix = APIKeyPrefix(try next.text()) else {
                throw InternalFailure("a stored API key has no valid prefix")
            }
            return prefix
        }
    }

    func lock(_ id: APIKeyID) throws -> APIKey? {
        try transaction.first("\(Self.select) WHERE id = \(id)\(forUpdate)", Self.key)
    }

    func lockUnrevoked(_ ids: Set<APIKeyID>) throws -> Set<APIKeyID> {
        let found: [APIKeyID] = try transaction.query(
            """
            SELECT id FROM api_keys WHERE id IN (\(list: Array(ids))) AND revoked_at IS NULL
            ORDER BY id\(forUpdate)
            """
        ) { try $0.id(0) }
        return Set(found)
    }

    func list(of holder: APIKey.Holder?, _ part: PageRequest<NewestFirst>) throws -> Page<APIKey, NewestFirst> {
        var conditions: [Statement] = holder.map { [Self.isHeld(by: $0)] } ?? []
        if let last = part.after { conditions.append("id < \(last.id)") }
        let condition: Statement = conditions.isEmpty ? "" : "WHERE \(conditions.joined(by: " AND "))"
        let keys = try transaction.query(
            "\(Self.select) \(condition) ORDER BY id DESC LIMIT \(part.limit + 1)", Self.key)
        return Page(overfetched: keys, limit: part.limit) { NewestFirst($0.id) }
    }

    func all(of holder: APIKey.Holder) throws -> [APIKey] {
        try transaction.query("\(Self.select) WHERE \(Self.isHeld(by: holder)) ORDER BY id DESC", Self.key)
    }

    func insert(_ key: APIKey) throws {
        try transaction.submit(
            """
            INSERT INTO api_keys (id, name, prefix, key_hash, kind, user_id, tenant_id, service_account_id, services,
                scopes, created_at, expires_at, last_used_at, revoked_at, previous_key_hash, previous_until)
            VALUES (\(key.id), \(key.name), \(key.prefix.description), \(key.hash), \(key.kind.rawValue),
                \(key.owner.userID ?? Self.ownerForEarlierVersions(of: key)), \(key.owner.tenantID),
                \(key.owner.serviceAccountID),
                \(json: AccessColumns.json(key.services.texts)), \(json: AccessColumns.json(key.scopes)),
                \(key.createdAt), \(key.expiresAt), \(key.lastUsedAt), \(key.revokedAt), \(key.previous?.hash),
                \(key.previous?.until))
            """)
    }

    func update(_ key: APIKey) throws {
        try transaction.submit(
            """
            UPDATE api_keys SET name = \(key.name), key_hash = \(key.hash), previous_key_hash = \(key.previous?.hash),
                previous_until = \(key.previous?.until), kind = \(key.kind.rawValue),
                services = \(json: AccessColumns.json(key.services.texts)),
                scopes = \(json: AccessColumns.json(key.scopes)), last_used_at = \(key.lastUsedAt),
                revoked_at = \(key.revokedAt)
            WHERE id = \(key.id)
            """)
    }

    func lockAll(naming service: ServiceSlug) throws -> [APIKey] {
        let check = Permission.check(service)
        // A text in a list is between quotes; what the pattern finds too much is left out after it.
        return try transaction.query(
            """
            \(Self.select) WHERE CAST(services AS text) LIKE \("%\"\(service)\"%")
                OR CAST(scopes AS text) LIKE \("%\"\(check)\"%") ORDER BY id\(forUpdate)
            """, Self.key
        ).filter { $0.services.slugs.contains(service) || $0.scopes.permissions.contains(check) }
    }

    func lockWithoutKind() throws -> [APIKey] {
        try transaction.query("\(Self.select) WHERE kind IS NULL ORDER BY id\(forUpdate)", Self.key)
    }

    func countWithoutServices(at now: Timestamp) throws -> Int {
        try transaction.first(
            """
            SELECT count(*) FROM api_keys WHERE services = \(json: AccessColumns.json([])) AND revoked_at IS NULL
                AND (expires_at IS NULL OR expires_at > \(now))
            """
        ) { try $0.integer(0) } ?? 0
    }

    /// Those of the platform and of service accounts belong to no person. The version before wants one in the row, and is
    /// content with any: it refuses who is not there.
    private static func ownerForEarlierVersions(of key: APIKey) -> Identifier? {
        switch key.owner {
        case .platform, .serviceAccount: key.id.value
        case .user, .tenant: nil
        }
    }

    private static func isHeld(by holder: APIKey.Holder) -> Statement {
        switch holder {
        case .user(let id): "user_id = \(id) AND (kind IS NULL OR kind = 'personal')"
        case .tenant(let id): "user_id IS NULL AND tenant_id = \(id)"
        case .serviceAccount(let id): "service_account_id = \(id)"
        case .platform: "kind = 'gateway'"
        }
    }

    private static let select: Statement =
        """
        SELECT id, name, prefix, key_hash, kind, user_id, tenant_id, service_account_id, services, scopes, created_at,
            expires_at, last_used_at, revoked_at, previous_key_hash, previous_until
        FROM api_keys
        """

    private static func key(_ row: Row) throws -> APIKey {
        var next = row.reader
        let id: APIKeyID = try next.id()
        let name = try next.text()
        guard let prefix = APIKeyPrefix(try next.text()) else {
            throw InternalFailure("API key \(id) has no valid prefix")
        }
        let hash = try next.bytes()
        let kind = try next.optionalText()
        let (user, tenant) = (try next.optionalIdentifier(), try next.optionalID(as: TenantID.self))
        let account = try next.optionalID(as: ServiceAccountID.self)
        var services = try next.optionalJSON().map(Self.services) ?? .none
        let scopes = try AccessColumns.permissions(try next.json())
        var owner = try account.map { .serviceAccount($0) } ?? Self.owner(kind, user, tenant, of: id)
        if kind == nil { (owner, services) = APIKey.adopted(owner: owner, scopes: scopes) }
        let (createdAt, expiresAt) = (try next.timestamp(), try next.optionalTimestamp())
        let (lastUsedAt, revokedAt) = (try next.optionalTimestamp(), try next.optionalTimestamp())
        var previous: APIKey.Previous?
        if let hash = try next.optionalBytes(), let until = try next.optionalTimestamp() {
            previous = APIKey.Previous(hash: hash, until: until)
        }
        return APIKey(
            id: id, name: name, prefix: prefix, hash: hash, owner: owner, services: services, scopes: scopes,
            createdAt: createdAt, expiresAt: expiresAt, lastUsedAt: lastUsedAt, revokedAt: revokedAt, previous: previous
        )
    }

    /// Versions before wrote no kind; a gateway's key has an owner for them alone.
    private static func owner(
        _ kind: String?, _ user: Identifier?, _ tenant: TenantID?, of id: APIKeyID
    ) throws -> APIKey.Owner {
        switch (kind, user, tenant) {
        case (APIKey.Kind.gateway.rawValue, _, _): return .platform
        case (nil, let user?, let tenant), (APIKey.Kind.personal.rawValue, let user?, let tenant):
            return .user(user, in: tenant)
        case (_, nil, let tenant?): return .tenant(tenant)
        default: throw InternalFailure("API key \(id) has no owner")
        }
    }

    private static func services(_ json: String) throws -> KeyServices {
        let texts = try AccessColumns.texts(json)
        guard let services = try? KeyServices(texts: texts, field: "services") else {
            throw InternalFailure("a stored list of services is none")
        }
        return services
    }
}
