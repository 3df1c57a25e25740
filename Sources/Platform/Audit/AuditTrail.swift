import JSON
import SQL
import Shared

/// Reads the log about one person, and forgets what it knows of him.
package enum AuditTrail {
    /// The newest lines by or about somebody, the newest first.
    ///
    /// - Parameter subject: `user:<id>`.
    package static func entries(
        about subject: String, limit: Int, in transaction: any SQLTransaction
    ) throws -> [AuditTrailEntry] {
        try transaction.query(
            """
            SELECT time, actor, action, outcome, reason, count, data
            FROM audit_entries LEFT JOIN audit_personal ON audit_personal.entry_id = audit_entries.id
            WHERE subject = \(subject) OR actor = \(subject) ORDER BY id DESC LIMIT \(limit)
            """
        ) { row in
            var next = row.reader
            return try entry(&next)
        }
    }

    /// The lines of a filter, the newest first.
    ///
    /// - Parameter page: its cursor is the id of the last line that was seen; another text begins at the start.
    package static func search(
        _ filter: AuditFilter, _ page: PageRequest, in transaction: any SQLTransaction
    ) throws -> Page<AuditRecord> {
        let conditions: [Statement] = [
            page.cursor.flatMap { Identifier($0) }.map { "id < \($0)" },
            filter.subject.map { "subject = \($0)" },
            filter.actor.map { "actor = \($0)" },
            filter.action.map { "action = \($0)" },
            filter.from.map { "time >= \($0)" },
            filter.to.map { "time < \($0)" },
        ].compactMap { $0 }
        let whole: Statement = conditions.isEmpty ? "" : "WHERE \(conditions.joined(by: " AND "))"
        let found = try transaction.query(
            """
            SELECT time, actor, action, outcome, reason, count, data, id, subject
            FROM audit_entries LEFT JOIN audit_personal ON audit_personal.entry_id = audit_entries.id
            \(whole) ORDER BY id DESC LIMIT \(page.limit + 1)
            """
        ) { row in
            var next = row.reader
            let entry = try entry(&next)
            return AuditRecord(id: try next.identifier(), subject: try next.optionalText(), entry: entry)
        }
        return Page(overfetched: found, limit: page.limit) { $0.id.description }
    }

    private static func entry(_ next: inout RowReader) throws -> AuditTrailEntry {
        AuditTrailEntry(
            time: try next.timestamp(), actor: try next.text(), action: try next.text(), outcome: try next.text(),
            reason: try next.optionalText(), count: try next.integer(),
            personal: try next.optionalJSON().map(personalData) ?? [:])
    }

    /// The lines stay, and so does the chain over them.
    package static func erasePersonalData(about subject: String, in transaction: any SQLTransaction) throws {
        try transaction.submit(
            """
            DELETE FROM audit_personal WHERE entry_id IN (
                SELECT id FROM audit_entries WHERE subject = \(subject) OR actor = \(subject))
            """)
    }

    private static func personalData(_ text: String) throws -> [String: String] {
        guard case .object(let object) = try JSONValue(parsing: Array(text.utf8)) else { return [:] }
        return Dictionary(object.members.map { ($0.key, $0.value.text ?? "") }) { first, _ in first }
    }
}
