import Retention
import SQL
import Shared

/// How long the audit log and its side tables keep what they know; the chain over the lines does without these.
package struct AuditRetention: Sendable {
    /// The lines themselves, which go at the beginning of the chain.
    package let entries: Duration
    /// What tells about a person: addresses and user agents of every sign-in among it.
    package let personal: Duration
    /// What else refused decisions are found by.
    package let references: Duration

    package init(entries: Duration, personal: Duration, references: Duration) {
        self.entries = entries
        self.personal = personal
        self.references = references
    }

    /// Identifiers of lines go with time: by them an index finds the age, and no row has one of its own.
    package func prunes(
        of chain: AuditChain, _ seal: AuditSeal, in database: any Database, clock: any WallClock
    ) -> [Prune] {
        [
            Prune("audit_entries", retention: entries) { horizon, limit in
                let now = clock.now
                return try await database.write { try chain.cut(before: horizon, limit: limit, at: now, seal, in: $0) }
            },
            Prune("audit_personal", in: database, retention: personal) { horizon, limit in
                """
                DELETE FROM audit_personal WHERE entry_id IN (
                    SELECT entry_id FROM audit_personal WHERE entry_id < \(Identifier.lowerBound(at: horizon))
                    ORDER BY entry_id LIMIT \(limit)\(forUpdateSkipLocked))
                """
            },
            Prune("audit_references", in: database, retention: references) { horizon, limit in
                """
                DELETE FROM audit_references WHERE reference IN (
                    SELECT reference FROM audit_references WHERE entry_id < \(Identifier.lowerBound(at: horizon))
                    ORDER BY entry_id LIMIT \(limit)\(forUpdateSkipLocked))
                """
            },
        ]
    }
}
