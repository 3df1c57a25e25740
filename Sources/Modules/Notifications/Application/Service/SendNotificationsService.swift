import AccountsContract
import NotificationsContract
import NotificationsDomain
import Shared

package struct SendNotificationsService: SendNotifications {
    private let work: any NotificationsWork
    private let accounts: any AccountsFacade
    private let composer: any MailComposer
    private let transport: any MailTransport
    private let clock: any WallClock
    private let retryDelay: @Sendable (_ attempt: Int) -> Duration
    private let appName: String
    private let logger: Logger

    private static let batchSize = 100

    package init(
        work: any NotificationsWork, accounts: any AccountsFacade, composer: any MailComposer,
        transport: any MailTransport, clock: any WallClock,
        retryDelay: @escaping @Sendable (_ attempt: Int) -> Duration,
        appName: String, logger: Logger
    ) {
        self.work = work
        self.accounts = accounts
        self.composer = composer
        self.transport = transport
        self.clock = clock
        self.retryDelay = retryDelay
        self.appName = appName
        self.logger = logger
    }

    package func callAsFunction() async throws -> Int {
        let now = clock.now
        let due = try await work.read { try $0.notifications.due(at: now, limit: Self.batchSize) }
        // Sent first, noted after: a crash between the two sends the same mail again rather than none.
        let settled = await withTaskGroup(of: Notification.self) { group in
            for notification in due { group.addTask { await settle(notification) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        if !settled.isEmpty {
            try await work.write { context in
                for notification in settled { try context.notifications.update(notification) }
            }
        }
        return settled.count
    }

    private func settle(_ notification: Notification) async -> Notification {
        var notification = notification
        do {
            if let mail = try await compose(notification) {
                try await transport.send(mail)
                notification.sent(at: clock.now)
            } else {
                notification.dropped()
            }
        } catch {
            let attempt = notification.attempts + 1
            notification.failed(at: clock.now, delay: retryDelay(attempt))
            logger.warning(
                notification.state == .failed ? "a mail was given up" : "a mail could not be sent",
                [
                    "notification": LogValue(notification.id), "template": .text(notification.template.rawValue),
                    "attempts": LogValue(attempt), "cause": .text("\(error)"),
                ])
        }
        return notification
    }

    /// - Returns: nil if there is nothing to say any more.
    private func compose(_ notification: Notification) async throws -> Mail? {
        switch notification.template {
        case .verifyEmail:
            guard let content = try await accounts.verificationMail(for: ValidationID(notification.reference)) else {
                return nil
            }
            let values = [
                "app_name": appName, "email": content.recipient.text, "link": content.link,
                "expires_in": hours(content.expiresAt - content.createdAt),
            ]
            let words = try composer.compose(notification.template, locale: content.locale, values: values)
            return Mail(
                id: notification.id, to: content.recipient, subject: words.subject, text: words.text,
                html: words.html, createdAt: notification.createdAt)
        }
    }

    /// Counted from the making of the link, not from the sending, so that a repeated mail has the same words.
    private func hours(_ duration: Duration) -> String {
        let hours = max(1, duration.components.seconds / 3_600)
        return hours == 1 ? "1 hour" : "\(hours) hours"
    }
}
