import AccessApplication
import AccessContract
import AccountsContract
import Messaging
import Shared

/// The events of other modules that Access follows.
struct AccessSubscriptions: Sendable {
    private let followSubscription: FollowSubscriptionService
    private let followUserDeletion: FollowUserDeletionService

    /// Never changed: the inbox knows events by it.
    private static let consumer = "access"

    init(followSubscription: FollowSubscriptionService, followUserDeletion: FollowUserDeletionService) {
        self.followSubscription = followSubscription
        self.followUserDeletion = followUserDeletion
    }

    /// After which a subscription gives something else than before. One that was only made gives nothing yet.
    private static let subscriptionEvents = ["activated", "renewed", "changed", "past_due", "cancelled", "expired"]

    var all: [Subscription] {
        let ofSubscriptions = Self.subscriptionEvents.map { name in
            Subscription.on(
                type: "subscription.\(name)", reading: SubscriptionState.self, consumer: Self.consumer
            ) { [followSubscription] state, envelope in
                try await followSubscription(state, eventID: envelope.id)
            }
        }
        return ofSubscriptions + [
            .on(UserDeleted.self, consumer: Self.consumer) { [followUserDeletion] event, envelope in
                try await followUserDeletion(event.userID.value, eventID: envelope.id)
            }
        ]
    }
}
