import AccountsContract
import NotificationsContract
import NotificationsDomain
import Shared

/// Sends what is queued and due, one message at a time; how many at once is the caller's to decide.
package struct SendNotificationsService: Sendable {
    private let work: any NotificationsWork
    private let accounts: any AccountsFacade
    private let composer: any MailComposer
    private let transport: any MailTransport
    private let clock: any WallClock
    private let retryDelay: @Sendable (_ attempt: Int) -> Duration
    private let claimTerm: Duration?
    private let appName: String
    private let logger: Logger

    /// - Parameter claimTerm: how long a message of a process that was killed waits for another one; claims are renewed
    ///   while an attempt runs. Nil where this is the only process that sends.
    package init(
        work: any NotificationsWork, accounts: any AccountsFacade, composer: any MailComposer,
        transport: any MailTransport, clock: any WallClock,
        retryDelay: @escaping @Sendable (_ attempt: Int) -> Duration,
        claimTerm: Duration?, appName: String, logger: Logger
    ) {
        self.work = work
        self.accounts = accounts
        self.composer = composer
        self.transport = transport
        self.clock = clock
        self.retryDelay = retryDelay
        self.claimTerm = claimTerm
        self.appName = appName
        self.logger = logger
    }

    /// Messages whose time has come, the oldest first. The caller leaves out those that it is at.
    ///
    /// - Parameters:
    ///   - retriedMax: how many at the most that were tried before; they come first.
    ///   - newMax: how many at the most that were not.
    package func due(retriedMax: Int, newMax: Int) async throws -> [Notification] {
        let now = clock.now
        return try await work.read { context in
            try context.notifications.due(at: now, retried: true, limit: retriedMax)
                + context.notifications.due(at: now, retried: false, limit: newMax)
        }
    }

    /// Tries to send one.
    ///
    /// - Returns: what became of it, to be noted; nil if another process sends it, or the task was cancelled before
    ///   anything became of it.
    package func attempt(_ notification: Notification) async -> SendingAttempt? {
        do {
            guard try await claim(notification) else { return nil }
            return try await keepingClaim(of: notification) { try await send(notification) }
        } catch is CancellationError {
            return nil
        } catch {
            var notification = notification
            notification.failed(at: clock.now, delay: retryDelay(notification.attempts + 1))
            warn(
                notification.state == .failed ? "a mail was given up" : "a mail could not be sent", notification,
                cause: "\(error)")
            return SendingAttempt(notification)
        }
    }

    /// Notes what became of a message. Until then it counts as queued: after a crash between the two the same mail is
    /// sent again rather than none.
    package func note(_ attempt: SendingAttempt) async throws {
        try await work.write { context in
            try context.notifications.update(attempt.notification)
            switch attempt.suppression {
            case .unchanged: break
            case .begins(let suppression): try context.suppressions.put(suppression)
            case .ends(let address): try context.suppressions.remove(address)
            }
        }
    }

    /// - Returns: false if another process sends it.
    private func claim(_ notification: Notification) async throws -> Bool {
        guard let claimTerm else { return true }
        let now = clock.now
        return try await work.write { try $0.notifications.claim(notification.id, at: now, until: now + claimTerm) }
    }

    private func keepingClaim(
        of notification: Notification, _ attempt: @escaping @Sendable () async throws -> SendingAttempt
    ) async throws -> SendingAttempt {
        guard let claimTerm else { return try await attempt() }
        return try await withThrowingTaskGroup(of: SendingAttempt?.self) { group in
            group.addTask { try await attempt() }
            group.addTask {
                while true {
                    try await Task.sleep(for: claimTerm / 3)
                    let end = clock.now + claimTerm
                    // One that fails is followed by others before the claim ends.
                    try? await work.write { try $0.notifications.extendClaim(notification.id, until: end) }
                }
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    private func send(_ notification: Notification) async throws -> SendingAttempt {
        var notification = notification
        guard let mail = try await compose(notification) else {
            notification.dropped()
            return SendingAttempt(notification)
        }
        let known = try await work.read { try $0.suppressions.find(mail.to) }
        if let known, known.stops(notification.template, at: clock.now) {
            notification.suppressed()
            warn("a mail was not sent: its address is suppressed", notification, cause: known.reason)
            return SendingAttempt(notification)
        }
        switch try await transport.send(mail) {
        case .accepted:
            notification.sent(at: clock.now)
            return SendingAttempt(notification, suppression: known == nil ? .unchanged : .ends(mail.to))
        case .addressRefused(let reason):
            notification.refused()
            warn("a mail's address was refused: it is suppressed from now on", notification, cause: reason)
            let suppression = MailSuppression(
                address: mail.to, userID: notification.userID, reason: reason, createdAt: clock.now)
            return SendingAttempt(notification, suppression: .begins(suppression))
        case .mailRefused(let reason):
            notification.refused()
            warn("a mail was refused", notification, cause: reason)
            return SendingAttempt(notification)
        }
    }

    /// - Returns: nil if there is nothing to say any more.
    private func compose(_ notification: Notification) async throws -> Mail? {
        guard let content = try await content(of: notification) else { return nil }
        let recipient = content.recipient
        var values = content.values
        values["app_name"] = .text(appName)
        values["email"] = .text(recipient.address.text)
        let words = try composer.compose(notification.template, locale: recipient.locale, values: values)
        return Mail(
            id: notification.id, to: recipient.address, subject: words.subject, text: words.text, html: words.html,
            createdAt: notification.createdAt)
    }

    private struct Content {
        let recipient: MailRecipient
        var values: [String: MailValue] = [:]
    }

    /// What the module that knows says now. A span is counted from the making of a link, not from the sending, so that
    /// a repeated mail has the same words.
    private func content(of notification: Notification) async throws -> Content? {
        switch notification.template {
        case .verifyEmail, .resetPassword, .emailChange, .emailChanged, .reactivate:
            try await accounts.linkMail(for: ValidationID(notification.reference)).map { mail in
                Content(
                    recipient: mail.recipient,
                    values: ["link": .text(mail.link), "expires_in": .span(TimeSpan(mail.expiresAt - mail.createdAt))])
            }
        case .signInCode:
            try await accounts.signInCodeMail(for: SignInCodeID(notification.reference)).map { mail in
                Content(
                    recipient: mail.recipient,
                    values: [
                        "link": .text(mail.link), "code": .text(mail.code),
                        "expires_in": .span(TimeSpan(mail.expiresAt - mail.createdAt)),
                    ])
            }
        case .emailChangeNotice:
            try await accounts.emailChangeNotice(for: ValidationID(notification.reference)).map { mail in
                Content(recipient: mail.recipient)
            }
        case .webhookDisabled: try await webhookNotice(notification)
        case .passwordChanged, .alreadyRegistered, .accountLocked, .sessionEnded, .apiKeyCreated,
            .apiKeyChanged, .apiKeyRevoked, .apiKeyServices:
            try await accounts.notice(to: UserID(notification.reference)).map { Content(recipient: $0.recipient) }
        }
    }

    /// To whoever added the webhook, while it is switched off.
    private func webhookNotice(_ notification: Notification) async throws -> Content? {
        let id = WebhookEndpointID(notification.reference)
        guard let owner = notification.userID, let endpoint = try await work.read({ try $0.webhookEndpoints.find(id) }),
            !endpoint.isEnabled, let notice = try await accounts.notice(to: UserID(owner))
        else { return nil }
        let name = endpoint.settings.description.isEmpty ? endpoint.settings.host : endpoint.settings.description
        return Content(
            recipient: notice.recipient, values: ["webhook": .text(name), "host": .text(endpoint.settings.host)])
    }

    private func warn(_ message: String, _ notification: Notification, cause: String) {
        logger.warning(
            message,
            [
                "notification": LogValue(notification.id), "template": .text(notification.template.rawValue),
                "attempts": LogValue(notification.attempts), "cause": .text(cause),
            ])
    }
}
