import SQL
import Shared

/// Remembers which events a consumer has worked off, so that a redelivered one has its effect once.
package enum Inbox {
    /// Notes the event in the transaction of its effect.
    ///
    /// - Returns: false if this consumer has had it: then do nothing.
    package static func accept(
        _ eventID: Identifier, by consumer: String, at now: Timestamp, in transaction: any SQLTransaction
    ) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO inbox (consumer, event_id, accepted_at) VALUES (\(consumer), \(eventID), \(now))
            ON CONFLICT DO NOTHING
            """) == 1
    }
}
