import AccessApplication
import AccessContract
import AccessDomain
import SQL
import Shared

struct SQLServiceAccountRepository: ServiceAccountRepository {
    let transaction: any SQLTransaction

    func find(_ id: ServiceAccountID) throws -> ServiceAccount? {
        try transaction.first("\(Self.select) WHERE id = \(id)", Self.account)
    }

    func lock(_ id: ServiceAccountID) throws -> ServiceAccount? {
        try transaction.first("\(Self.select) WHERE id = \(id)\(forUpdate)", Self.account)
    }

    func list(_ part: PageRequest<NewestFirst>) throws -> Page<ServiceAccount, NewestFirst> {
        let condition: Statement = part.after.map { "WHERE id < \($0.id)" } ?? ""
        let accounts = try transaction.query(
            "\(Self.select) \(condition) ORDER BY id DESC LIMIT \(part.limit + 1)", Self.account)
        return Page(overfetched: accounts, limit: part.limit) { NewestFirst($0.id) }
    }

    func insert(_ account: ServiceAccount) throws {
        try transaction.submit(
            """
            INSERT INTO service_accounts (id, name, tenant_id, is_active, created_at, updated_at)
            VALUES (\(account.id), \(account.name), \(account.tenantID), \(account.isActive), \(account.createdAt),
                \(account.updatedAt))
            """)
    }

    func update(_ account: ServiceAccount) throws {
        try transaction.submit(
            """
            UPDATE service_accounts SET name = \(account.name), is_active = \(account.isActive),
                updated_at = \(account.updatedAt)
            WHERE id = \(account.id)
            """)
    }

    func delete(_ id: ServiceAccountID) throws {
        try transaction.submit("DELETE FROM service_accounts WHERE id = \(id)")
    }

    func roles(of id: ServiceAccountID) throws -> [Role] {
        try transaction.query(
            """
            \(SQLRoleRepository.select) JOIN service_account_roles ON service_account_roles.role_id = roles.id
            WHERE service_account_roles.service_account_id = \(id)
            """, SQLRoleRepository.role
        ).sorted(by: SQLRoleRepository.byName)
    }

    func setRoles(of id: ServiceAccountID, to roles: [RoleID], at now: Timestamp) throws {
        try transaction.submit("DELETE FROM service_account_roles WHERE service_account_id = \(id)")
        for role in roles {
            try SQLRoleRepository(transaction: transaction).addRow(ofBuiltIn: role)
            try transaction.submit(
                """
                INSERT INTO service_account_roles (service_account_id, role_id, created_at)
                VALUES (\(id), \(role), \(now))
                """)
        }
    }

    private static let select: Statement =
        "SELECT id, name, tenant_id, is_active, created_at, updated_at FROM service_accounts"

    private static func account(_ row: Row) throws -> ServiceAccount {
        var next = row.reader
        return ServiceAccount(
            id: try next.id(), name: try next.text(), tenantID: try next.optionalID(as: TenantID.self),
            isActive: try next.bool(), createdAt: try next.timestamp(), updatedAt: try next.timestamp())
    }
}
