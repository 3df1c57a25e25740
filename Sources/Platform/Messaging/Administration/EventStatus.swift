import SQL
import Shared

/// How the delivery of events is.
package struct EventStatus: Sendable, Equatable {
    /// Committed and not handed over yet.
    package let waiting: Int
    /// When the oldest of those happened.
    package let waitingSince: Timestamp?
    /// Of all groups.
    package let deadLetters: Int
    package let groups: [ConsumerGroups.Status]

    package static func read(_ database: any Database) async throws -> EventStatus {
        let registry = ConsumerGroups(database)
        let (groups, counts) = (try await registry.list(), try await registry.counts())
        return EventStatus(
            waiting: counts.waiting, waitingSince: counts.waitingSince, deadLetters: counts.dead, groups: groups)
    }
}
