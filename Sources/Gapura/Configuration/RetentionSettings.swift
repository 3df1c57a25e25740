import Audit
import Configuration
import Messaging
import Retention
import SQL
import Shared

/// How long the tables of the platform keep what is over; each module reads its own.
struct RetentionSettings: Sendable {
    let events: EventRetention
    let audit: AuditRetention

    init(_ reader: inout SettingsReader) {
        events = EventRetention(
            inbox: reader.days("INBOX_RETENTION", default: 30, in: 7...3_650),
            deadLetters: reader.days("DEAD_LETTERS_RETENTION", default: 90, in: 1...3_650))
        audit = AuditRetention(
            entries: reader.days("AUDIT_RETENTION", default: 730, in: 30...3_650),
            personal: reader.days("AUDIT_PERSONAL_RETENTION", default: 90, in: 1...90),
            references: reader.days("AUDIT_REFERENCES_RETENTION", default: 90, in: 1...3_650))
    }

    func prunes(
        of chain: AuditChain, _ seal: AuditSeal, in database: any Database, clock: any WallClock
    ) -> [Prune] {
        events.prunes(in: database) + audit.prunes(of: chain, seal, in: database, clock: clock)
    }
}
