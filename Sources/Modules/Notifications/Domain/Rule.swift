/// Which event sends which template.
package struct Rule: Sendable, Equatable {
    package let eventType: String
    package let template: NotificationTemplate

    package init(on eventType: String, send template: NotificationTemplate) {
        self.eventType = eventType
        self.template = template
    }

    package static let shipped: [Rule] = [
        Rule(on: "user.created", send: .verifyEmail),
        Rule(on: "user.verification_requested", send: .verifyEmail),
    ]
}
