import AccessApplication
import AccessContract
import AccessDomain
import SQL
import Shared

struct SQLRoleRepository: RoleRepository {
    let transaction: any SQLTransaction

    func all() throws -> [Role] {
        let stored = try transaction.query(
            "\(Self.select) WHERE tenant_id IS NULL AND is_built_in = \(false)", Self.role)
        return (Self.builtIn + stored).sorted(by: Self.byName)
    }

    func find(_ id: RoleID) throws -> Role? { try Self.builtIn(id) ?? stored(id) }

    /// Who assigns it waits too: the foreign key looks at the row.
    func lock(_ id: RoleID) throws -> Role? {
        try addRow(ofBuiltIn: id)
        return try transaction.first("\(Self.select) WHERE id = \(id)\(forUpdate)", Self.role)
    }

    func insert(_ role: Role) throws -> Bool { try !Self.isBuiltInName(role) && insertRow(role) == 1 }

    private func insertRow(_ role: Role) throws -> Int {
        try transaction.execute(
            """
            INSERT INTO roles (id, tenant_id, name, permissions, is_built_in, created_at, updated_at)
            VALUES (\(role.id), \(role.tenantID), \(role.name), \(json: AccessColumns.json(role.permissions)),
                \(role.isBuiltIn), \(role.createdAt), \(role.updatedAt))
            ON CONFLICT DO NOTHING
            """)
    }

    func update(_ role: Role) throws -> Bool {
        let ofSameLevel: Statement = role.tenantID.map { "tenant_id = \($0)" } ?? "tenant_id IS NULL"
        let other = try transaction.first(
            "SELECT 1 FROM roles WHERE name = \(role.name) AND id <> \(role.id) AND \(ofSameLevel)"
        ) { _ in true }
        if other == true || Self.isBuiltInName(role) { return false }
        try transaction.submit(
            """
            UPDATE roles SET name = \(role.name), permissions = \(json: AccessColumns.json(role.permissions)),
                updated_at = \(role.updatedAt)
            WHERE id = \(role.id)
            """)
        return true
    }

    func delete(_ id: RoleID) throws { try transaction.submit("DELETE FROM roles WHERE id = \(id)") }

    func lockAll(granting permission: Permission) throws -> [Role] {
        try transaction.query(
            """
            \(Self.select) WHERE is_built_in = \(false)
                AND CAST(permissions AS text) LIKE \("%\"\(permission)\"%") ORDER BY id\(forUpdate)
            """, Self.role
        ).filter { $0.permissions.permissions.contains(permission) }
    }

    func roles(of userID: Identifier) throws -> [Role] {
        try transaction.query(
            "\(Self.select) JOIN user_roles ON user_roles.role_id = roles.id WHERE user_roles.user_id = \(userID)",
            Self.role
        ).sorted(by: Self.byName)
    }

    /// By the person, who may have none.
    func lockRoles(of userID: Identifier) throws -> [Role] {
        try transaction.lock(name: "access/roles/\(userID)")
        return try roles(of: userID)
    }

    func setRoles(of userID: Identifier, to roles: [RoleID], at now: Timestamp) throws {
        try transaction.submit(
            "DELETE FROM user_roles WHERE user_id = \(userID) AND NOT (\(Self.isAmong(roles)))")
        for role in roles {
            try addRow(ofBuiltIn: role)
            try transaction.submit(
                """
                INSERT INTO user_roles (user_id, role_id, created_at) VALUES (\(userID), \(role), \(now))
                ON CONFLICT DO NOTHING
                """)
        }
    }

    func holderCount(_ id: RoleID) throws -> Int {
        try transaction.first(
            """
            SELECT (SELECT count(*) FROM user_roles WHERE role_id = \(id))
                + (SELECT count(*) FROM service_account_roles WHERE role_id = \(id))
            """
        ) { try $0.integer(0) } ?? 0
    }

    func assignments() throws -> [RoleAssignment] {
        let roles = Dictionary(uniqueKeysWithValues: try all().map { ($0.id, $0) })
        return try transaction.query("SELECT user_id, role_id FROM user_roles ORDER BY user_id, role_id") { row in
            var next = row.reader
            let userID = try next.identifier()
            return roles[try next.id()].map { RoleAssignment(userID: userID, role: $0) }
        }.compactMap { $0 }
    }

    private func stored(_ id: RoleID) throws -> Role? {
        try transaction.first("\(Self.select) WHERE id = \(id)", Self.role)
    }

    /// A new database has no rows at all, so that another one can be copied into it.
    func addRow(ofBuiltIn id: RoleID) throws {
        if let role = Self.builtIn(id) { _ = try insertRow(role) }
    }

    private static let builtIn = BuiltInRole.allCases.compactMap(\.platformRole)

    private static func builtIn(_ id: RoleID) -> Role? { builtIn.first { $0.id == id } }

    /// Taken, though there may be no row.
    private static func isBuiltInName(_ role: Role) -> Bool {
        role.tenantID == nil && builtIn.contains { $0.name == role.name }
    }

    /// Holds for nobody if there are none.
    private static func isAmong(_ roles: [RoleID]) -> Statement {
        roles.isEmpty ? "1 = 0" : "role_id IN (\(list: roles))"
    }

    static func byName(_ left: Role, _ right: Role) -> Bool { left.name < right.name }

    static let select: Statement =
        """
        SELECT roles.id, roles.tenant_id, roles.name, roles.permissions, roles.is_built_in, roles.created_at,
            roles.updated_at
        FROM roles
        """

    static func role(_ row: Row) throws -> Role {
        var next = row.reader
        let (id, tenant, name): (RoleID, TenantID?, String) = (
            try next.id(), try next.optionalID(), try next.text()
        )
        let stored = try AccessColumns.permissions(try next.json())
        let isBuiltIn = try next.bool()
        // What these may do comes with the program, so that a new version of it has new rights.
        let permissions = isBuiltIn ? BuiltInRole(rawValue: name)?.permissions ?? stored : stored
        return Role(
            id: id, tenantID: tenant, name: name, permissions: permissions, isBuiltIn: isBuiltIn,
            createdAt: try next.timestamp(), updatedAt: try next.timestamp())
    }
}
