import JSON
import SQL
import Shared

/// Reads the log about one person, and forgets what it knows of him.
package enum AuditTrail {
    /// How far the time in an identifier and its line's time may be apart: identifiers go on in order where a clock is
    /// put back.
    static let clockSlack: Duration = .seconds(3_600)

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
    package static func search(
        _ filter: AuditFilter, _ part: PageRequest<NewestFirst>, in transaction: any SQLTransaction
    ) throws -> Page<AuditRecord, NewestFirst> {
        let found = try transaction.query(statement(filter, part), record)
        return Page(overfetched: found, limit: part.limit) { NewestFirst($0.id) }
    }

    /// The line that has this among its references; see `AuditEntry`.
    package static func find(reference: Identifier, in transaction: any SQLTransaction) throws -> AuditRecord? {
        try transaction.first(
            """
            SELECT \(recordColumns)
            FROM audit_references JOIN audit_entries ON audit_entries.id = audit_references.entry_id
                LEFT JOIN audit_personal ON audit_personal.entry_id = audit_entries.id
            WHERE reference = \(reference)
            """, record)
    }

    /// One line more than the page has.
    static func statement(_ filter: AuditFilter, _ part: PageRequest<NewestFirst>) -> Statement {
        let conditions: [Statement] = [
            part.after.map { "id < \($0.id)" },
            filter.subject.map { "subject = \($0)" },
            filter.actor.map { "actor = \($0)" },
            filter.action.map { "action = \($0)" },
            // Identifiers go with time: by them the primary key finds the time, and no line pays for an index.
            filter.from.map { "time >= \($0) AND id >= \(Identifier.lowerBound(at: $0 - clockSlack))" },
            filter.to.map { "time < \($0) AND id < \(Identifier.lowerBound(at: $0 + clockSlack))" },
        ].compactMap { $0 }
        let whole: Statement = conditions.isEmpty ? "" : "WHERE \(conditions.joined(by: " AND "))"
        return """
            SELECT \(recordColumns)
            FROM audit_entries LEFT JOIN audit_personal ON audit_personal.entry_id = audit_entries.id
            \(whole) ORDER BY id DESC LIMIT \(part.limit + 1)
            """
    }

    private static let recordColumns: Statement = "time, actor, action, outcome, reason, count, data, id, subject"

    private static func record(_ row: Row) throws -> AuditRecord {
        var next = row.reader
        let entry = try entry(&next)
        return AuditRecord(id: try next.identifier(), subject: try next.optionalText(), entry: entry)
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
