import AccountsApplication
import AccountsContract
import AccountsDomain
import SQL
import Shared

extension SQLUserRepository {
    func search(_ filter: UserFilter, after: UserID?, limit: Int, at now: Timestamp) throws -> [Account] {
        var conditions = Self.conditions(filter, at: now)
        if let after { conditions.append("users.id < \(after)") }
        let whole: Statement = conditions.isEmpty ? "" : "WHERE \(conditions.joined(by: " AND "))"
        return try transaction.query(
            "\(Self.selectAccount) \(whole) ORDER BY users.id DESC LIMIT \(limit)", Self.account)
    }

    private static func conditions(_ filter: UserFilter, at now: Timestamp) -> [Statement] {
        var conditions: [Statement] = []
        if let text = filter.text {
            // No LIKE: the text may hold its wildcards.
            let needle = text.asciiLowercased
            conditions.append(
                """
                (\(Self.position)(email_key, \(needle)) > 0 OR \(Self.position)(\(Self.usernameKey), \(needle)) > 0)
                """)
        }
        // What few accounts have is found by an index of its own, for which the value stands in the statement itself.
        if let isActive = filter.isActive { conditions.append(isActive ? "is_active = \(true)" : "\(Self.isInactive)") }
        if let isVerified = filter.isVerified {
            conditions.append(isVerified ? "is_verified = \(true)" : "\(Self.isUnverified)")
        }
        if let isBlocked = filter.isBlocked {
            conditions.append(
                isBlocked
                    ? "\(Self.mayBeBlocked) AND \(Self.isBlocked(at: now))" : "NOT \(Self.isBlocked(at: now))")
        }
        if let isAdministrator = filter.isAdministrator {
            conditions.append(
                isAdministrator
                    ? "users.id IN (SELECT user_id FROM platform_roles WHERE role = 'admin')" : "role IS NULL")
        }
        return conditions
    }

    private static let isInactive = DialectText(sqlite: "is_active = 0", postgres: "NOT is_active")
    private static let isUnverified = DialectText(sqlite: "is_verified = 0", postgres: "NOT is_verified")
    /// Word for word as the index has it.
    private static let mayBeBlocked: Statement = "(blocked_until IS NOT NULL OR block_reason IS NOT NULL)"

    /// True or false, never NULL, so that it can be negated. A block without an end is known by its reason.
    static func isBlocked(at now: Timestamp) -> Statement {
        """
        (blocked_until IS NOT NULL AND blocked_until > \(now)
            OR blocked_until IS NULL AND block_reason IS NOT NULL)
        """
    }

    private static let position = DialectText(sqlite: "instr", postgres: "strpos")

    /// In the "C" collation PostgreSQL's lower() knows ASCII letters only, as SQLite's does.
    private static let usernameKey = DialectText(sqlite: "lower(username)", postgres: #"lower(username COLLATE "C")"#)
}

extension String {
    fileprivate var asciiLowercased: String {
        String(decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
