import AccessApplication
import AccessContract
import AccessDomain
import SQL
import Shared

struct SQLEntitlementRepository: EntitlementRepository {
    let transaction: any SQLTransaction

    func find(_ subject: EntitlementSubject) throws -> Entitlement? {
        let (kind, id) = subject.columns
        return try transaction.first(
            """
            SELECT id, plan, limits, since, until, is_past_due, version, updated_at FROM entitlements
            WHERE subject_kind = \(kind) AND subject_id = \(id)
            """
        ) { try Self.entitlement($0, of: subject) }
    }

    /// By the subject, of which there may be no row yet.
    func lock(_ subject: EntitlementSubject) throws -> Entitlement? {
        let (kind, id) = subject.columns
        try transaction.lock(name: "access/entitlement/\(kind)/\(id)")
        return try find(subject)
    }

    func save(_ entitlement: Entitlement) throws {
        let (kind, id) = entitlement.subject.columns
        let grant = entitlement.grant
        try transaction.submit(
            """
            INSERT INTO entitlements (id, subject_kind, subject_id, plan, limits, since, until, is_past_due, version,
                updated_at)
            VALUES (\(entitlement.id), \(kind), \(id), \(grant.plan.text),
                \(json: grant.limits.map(LimitColumn.json)), \(grant.since), \(grant.until), \(grant.isPastDue),
                \(entitlement.version), \(entitlement.updatedAt))
            ON CONFLICT (subject_kind, subject_id) DO UPDATE SET plan = excluded.plan, limits = excluded.limits,
                since = excluded.since, until = excluded.until, is_past_due = excluded.is_past_due,
                version = excluded.version, updated_at = excluded.updated_at
            """)
    }

    /// Those that are given at this moment wait for the lock of their row, and are read again after it.
    func lockAll(limiting service: ServiceSlug) throws -> [Entitlement] {
        let subjects = try transaction.query(
            """
            SELECT subject_kind, subject_id FROM entitlements
            WHERE CAST(limits AS text) LIKE \("%\"\(service)\"%") ORDER BY subject_id
            """
        ) { row in
            var next = row.reader
            return try EntitlementSubject(kind: try next.text(), id: try next.identifier())
        }
        return try subjects.compactMap(lock).filter {
            $0.grant.limits?.contains { $0.scope == .service(service) } == true
        }
    }

    func delete(_ subject: EntitlementSubject) throws {
        let (kind, id) = subject.columns
        try transaction.submit("DELETE FROM entitlements WHERE subject_kind = \(kind) AND subject_id = \(id)")
    }

    private static func entitlement(_ row: Row, of subject: EntitlementSubject) throws -> Entitlement {
        var next = row.reader
        let id: EntitlementID = try next.id()
        let grant = EntitlementGrant(
            plan: try AccessColumns.plan(try next.text()), limits: try next.optionalJSON().map(LimitColumn.limits),
            since: try next.timestamp(), until: try next.optionalTimestamp(), isPastDue: try next.bool())
        return Entitlement(
            id: id, subject: subject, grant: grant, version: Int64(try next.integer()),
            updatedAt: try next.timestamp())
    }
}

extension EntitlementSubject {
    fileprivate var columns: (kind: String, id: Identifier) {
        switch self {
        case .user(let id): ("user", id)
        case .tenant(let id): ("tenant", id.value)
        case .serviceAccount(let id): ("service_account", id.value)
        }
    }

    fileprivate init(kind: String, id: Identifier) throws {
        switch kind {
        case "user": self = .user(id)
        case "tenant": self = .tenant(TenantID(id))
        case "service_account": self = .serviceAccount(ServiceAccountID(id))
        default: throw InternalFailure("a stored entitlement belongs to nobody")
        }
    }
}
