import AccessContract
import Shared

/// An event about a subscription, as Access reads it: all of them tell the whole state.
protocol SubscriptionEvent: DomainEvent {
    var state: SubscriptionState { get }
    init(state: SubscriptionState)
}

extension SubscriptionEvent {
    static var source: String { "/gapura/billing" }
    static var isPublic: Bool { true }
    var subject: Identifier { state.holder.identifier }

    init(from decoder: any Decoder) throws { self.init(state: try SubscriptionState(from: decoder)) }
    func encode(to encoder: any Encoder) throws { try state.encode(to: encoder) }
}

struct SubscriptionActivated: SubscriptionEvent {
    static let type = "subscription.activated"
    let state: SubscriptionState
}

struct SubscriptionRenewed: SubscriptionEvent {
    static let type = "subscription.renewed"
    let state: SubscriptionState
}

struct SubscriptionChanged: SubscriptionEvent {
    static let type = "subscription.changed"
    let state: SubscriptionState
}

struct SubscriptionPastDue: SubscriptionEvent {
    static let type = "subscription.past_due"
    let state: SubscriptionState
}

struct SubscriptionCancelled: SubscriptionEvent {
    static let type = "subscription.cancelled"
    let state: SubscriptionState
}

struct SubscriptionExpired: SubscriptionEvent {
    static let type = "subscription.expired"
    let state: SubscriptionState
}
