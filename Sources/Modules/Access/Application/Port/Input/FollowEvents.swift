import AccessContract
import Shared

/// A subscription changed: its holder has another plan now.
package protocol FollowSubscription: Sendable {
    /// Late and repeated events change nothing.
    func callAsFunction(_ state: SubscriptionState, eventID: Identifier) async throws
}

/// An account is gone: its keys open nothing any more, and nothing is kept of it.
package protocol FollowUserDeletion: Sendable {
    func callAsFunction(_ userID: Identifier, eventID: Identifier) async throws
}
