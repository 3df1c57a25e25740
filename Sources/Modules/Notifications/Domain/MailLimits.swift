/// How many mails one address gets within an hour: of all templates, and of one. Who makes us send mails to a stranger,
/// in whatever way, does not flood that person's mailbox.
package struct MailLimits: Sendable, Equatable {
    package struct Limit: Sendable, Equatable {
        /// Of all templates together.
        package let perAddress: Int
        package let perTemplate: Int

        package init(perAddress: Int, perTemplate: Int) {
            self.perAddress = perAddress
            self.perTemplate = perTemplate
        }
    }

    /// For mails that an account hangs on.
    package let security: Limit
    package let others: Limit

    package init(security: Limit, others: Limit) {
        self.security = security
        self.others = others
    }

    package static let window: Duration = .seconds(3_600)

    /// Whether one more mail may go.
    ///
    /// - Parameter sent: how many went within the window.
    package func allow(_ template: NotificationTemplate, after sent: SentCount) -> Bool {
        let limit = template.isSecurity ? security : others
        return sent.all < limit.perAddress && sent.ofTemplate < limit.perTemplate
    }
}

/// How many mails an address had.
package struct SentCount: Sendable, Equatable {
    package let all: Int
    package let ofTemplate: Int

    package init(all: Int, ofTemplate: Int) {
        self.all = all
        self.ofTemplate = ofTemplate
    }
}
