import Retention
import SQL
import Shared

/// How long the tables of events keep what nobody works off any more.
package struct EventRetention: Sendable {
    /// Which events a consumer has had: longer than one can come again.
    package let inbox: Duration
    package let deadLetters: Duration

    package init(inbox: Duration, deadLetters: Duration) {
        self.inbox = inbox
        self.deadLetters = deadLetters
    }

    package func prunes(in database: any Database) -> [Prune] {
        [
            Prune("inbox", in: database, retention: inbox) { horizon, limit in
                """
                DELETE FROM inbox WHERE (consumer, event_id) IN (
                    SELECT consumer, event_id FROM inbox WHERE accepted_at < \(horizon)
                    ORDER BY accepted_at LIMIT \(limit)\(forUpdateSkipLocked))
                """
            },
            Prune("dead_letters", in: database, retention: deadLetters) { horizon, limit in
                """
                DELETE FROM dead_letters WHERE (id, group_name) IN (
                    SELECT id, group_name FROM dead_letters WHERE buried_at < \(horizon)
                    ORDER BY buried_at LIMIT \(limit)\(forUpdateSkipLocked))
                """
            },
        ]
    }
}
