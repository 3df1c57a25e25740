import AccessApplication
import AccountsContract
import Messaging
import Shared

/// The events of other modules that Access follows.
struct AccessSubscriptions: Sendable {
    private let followSubscription: any FollowSubscription
    private let followUserDeletion: any FollowUserDeletion

    /// Never changed: the inbox knows events by it.
    private static let consumer = "access"

    init(followSubscription: any FollowSubscription, followUserDeletion: any FollowUserDeletion) {
        self.followSubscription = followSubscription
        self.followUserDeletion = followUserDeletion
    }

    var all: [Subscription] {
        [
            onSubscription(SubscriptionActivated.self), onSubscription(SubscriptionRenewed.self),
            onSubscription(SubscriptionChanged.self), onSubscription(SubscriptionPastDue.self),
            onSubscription(SubscriptionCancelled.self), onSubscription(SubscriptionExpired.self),
            .on(UserDeleted.self, consumer: Self.consumer) { [followUserDeletion] event, envelope in
                try await followUserDeletion(event.userID.value, eventID: envelope.id)
            },
        ]
    }

    private func onSubscription<Event: SubscriptionEvent>(_ type: Event.Type) -> Subscription {
        .on(type, consumer: Self.consumer) { [followSubscription] event, envelope in
            try await followSubscription(event.state, eventID: envelope.id)
        }
    }
}
