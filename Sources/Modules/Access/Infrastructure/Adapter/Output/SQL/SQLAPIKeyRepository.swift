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

    func list(of owner: Identifier?, _ part: PageRequest<NewestFirst>) throws -> Page<APIKey, NewestFirst> {
        var conditions: [Statement] = owner.map { [Self.isOwned(by: $0)] } ?? []
        if let last = part.after { conditions.append("id < \(last.id)") }
        let condition: Statement = conditions.isEmpty ? "" : "WHERE \(conditions.joined(by: " AND "))"
        let keys = try transaction.query(
            "\(Self.select) \(condition) ORDER BY id DESC LIMIT \(part.limit + 1)", Self.key)
        return Page(overfetched: keys, limit: part.limit) { NewestFirst($0.id) }
    }

    func all(of owner: Identifier) throws -> [APIKey] {
        try transaction.query("\(Self.select) WHERE \(Self.isOwned(by: owner)) ORDER BY id DESC", Self.key)
    }

    func insert(_ key: APIKey) throws {
        let user: Identifier? = if case .user(let id, _) = key.owner { id } else { nil }
        try transaction.submit(
            """
            INSERT INTO api_keys (id, name, prefix, key_hash, user_id, tenant_id, scopes, created_at, expires_at,
                last_used_at, revoked_at)
            VALUES (\(key.id), \(key.name), \(key.prefix.description), \(key.hash), \(user), \(key.owner.tenantID),
                \(json: AccessColumns.json(key.scopes)), \(key.createdAt), \(key.expiresAt), \(key.lastUsedAt),
                \(key.revokedAt))
            """)
    }

    func update(_ key: APIKey) throws {
        try transaction.submit(
            """
            UPDATE api_keys SET last_used_at = \(key.lastUsedAt), revoked_at = \(key.revokedAt) WHERE id = \(key.id)
            """)
    }

    private static func isOwned(by owner: Identifier) -> Statement {
        "(user_id = \(owner) OR user_id IS NULL AND tenant_id = \(owner))"
    }

    private static let select: Statement =
        """
        SELECT id, name, prefix, key_hash, user_id, tenant_id, scopes, created_at, expires_at, last_used_at, revoked_at
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
        let owner: APIKey.Owner
        switch (try next.optionalIdentifier(), try next.optionalID(as: TenantID.self)) {
        case (let user?, let tenant): owner = .user(user, in: tenant)
        case (nil, let tenant?): owner = .tenant(tenant)
        case (nil, nil): throw InternalFailure("API key \(id) has no owner")
        }
        return APIKey(
            id: id, name: name, prefix: prefix, hash: hash, owner: owner,
            scopes: try AccessColumns.permissions(try next.json()), createdAt: try next.timestamp(),
            expiresAt: try next.optionalTimestamp(), lastUsedAt: try next.optionalTimestamp(),
            revokedAt: try next.optionalTimestamp())
    }
}
