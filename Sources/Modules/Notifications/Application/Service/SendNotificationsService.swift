import AccountsContract
import NotificationsContract
import NotificationsDomain
import Shared

/// Sends what is queued and due, one message at a time; how many at once is the caller's to decide.
package struct SendNotificationsService: Sendable {
    private let work: any NotificationsWork
    private let contents: MailContents
    private let composer: any MailComposer
    private let transport: any MailTransport
    private let digester: any AddressDigester
    private let unsubscribing: any UnsubscribeLinks
    private let limits: MailLimits
    private let withheld: @Sendable (Notification.Reason) -> Void
    private let clock: any WallClock
    private let retryDelay: @Sendable (_ attempt: Int) -> Duration
    private let claimTerm: Duration?
    private let logger: Logger

    /// - Parameters:
    ///   - withheld: hears of each message that is not sent although there is something to say.
    ///   - claimTerm: how long a message of a process that was killed waits for another one; claims are renewed while an
    ///     attempt runs. Nil where this is the only process that sends.
    package init(
        work: any NotificationsWork, accounts: any AccountsFacade, composer: any MailComposer,
        transport: any MailTransport, digester: any AddressDigester, unsubscribing: any UnsubscribeLinks,
        limits: MailLimits, withheld: @escaping @Sendable (Notification.Reason) -> Void, clock: any WallClock,
        retryDelay: @escaping @Sendable (_ attempt: Int) -> Duration,
        claimTerm: Duration?, appName: String, logger: Logger
    ) {
        self.work = work
        contents = MailContents(work: work, accounts: accounts, appName: appName)
        self.composer = composer
        self.transport = transport
        self.digester = digester
        self.unsubscribing = unsubscribing
        self.limits = limits
        self.withheld = withheld
        self.clock = clock
        self.retryDelay = retryDelay
        self.claimTerm = claimTerm
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
        guard let content = try await contents.of(notification) else {
            notification.dropped()
            return SendingAttempt(notification)
        }
        let address = digester.digest(content.recipient.address)
        let known = try await known(notification, content.recipient, address)
        if let reason = obstacle(notification.template, known) {
            return SendingAttempt(withhold(notification, because: reason, known))
        }
        let mail = try compose(notification, content)
        switch try await transport.send(mail) {
        case .accepted(let provider):
            notification.sent(by: provider, to: address, at: clock.now)
            return SendingAttempt(notification, suppression: known.suppression == nil ? .unchanged : .ends(mail.to))
        case .addressRefused(let reason):
            notification.refused(because: .addressRefused)
            warn("a mail's address was refused: it is suppressed from now on", notification, cause: reason)
            let suppression = MailSuppression(
                address: mail.to, userID: notification.userID, reason: reason, createdAt: clock.now)
            return SendingAttempt(notification, suppression: .begins(suppression))
        case .mailRefused(let reason):
            notification.refused(because: .mailRefused)
            warn("a mail was refused", notification, cause: reason)
            return SendingAttempt(notification)
        }
    }

    /// What may keep a message from its reader.
    private struct Known: Sendable {
        let suppression: MailSuppression?
        let preferences: [NotificationPreference]
        let sent: SentCount
    }

    /// By one read; preferences only of what may be unsubscribed. Mails that are under way to the same address are not among those that were sent yet.
    private func known(
        _ notification: Notification, _ recipient: MailRecipient, _ address: AddressDigest
    ) async throws -> Known {
        let since = clock.now - MailLimits.window
        return try await work.read { context in
            Known(
                suppression: try context.suppressions.find(recipient.address),
                preferences: notification.template.kind.isRequired
                    ? [] : try context.preferences.all(of: recipient.userID.value),
                sent: try context.notifications.sent(to: address, of: notification.template, since: since))
        }
    }

    private func obstacle(_ template: NotificationTemplate, _ known: Known) -> Notification.Reason? {
        if !known.preferences.allow(template.kind) { return .unsubscribed }
        if let suppression = known.suppression, suppression.stops(template, at: clock.now) { return .suppressed }
        return limits.allow(template, after: known.sent) ? nil : .limited
    }

    private func withhold(
        _ notification: Notification, because reason: Notification.Reason, _ known: Known
    ) -> Notification {
        var notification = notification
        switch reason {
        case .suppressed:
            notification.suppressed()
            warn(
                "a mail was not sent: its address is suppressed", notification,
                cause: known.suppression.map { $0.isManual ? "by staff" : $0.reason } ?? "")
        case .limited:
            notification.dropped(because: .limited)
            warn(
                "a mail was not sent: its address had as many as it may", notification,
                cause: "\(known.sent.all) within an hour, \(known.sent.ofTemplate) of this template")
        default: notification.dropped(because: reason)
        }
        withheld(reason)
        return notification
    }

    private func compose(_ notification: Notification, _ content: MailContents.Content) throws -> Mail {
        let (recipient, kind) = (content.recipient, notification.template.kind)
        var values = content.values
        var unsubscribeURL: String?
        if !kind.isRequired {
            let link = unsubscribing.link(UnsubscribeSubject(userID: recipient.userID.value, kind: kind))
            values["unsubscribe"] = .text(link)
            unsubscribeURL = link
        }
        let words = try composer.compose(notification.template, locale: recipient.locale, values: values)
        return Mail(
            id: notification.id, to: recipient.address, subject: words.subject, text: words.text, html: words.html,
            unsubscribeURL: unsubscribeURL, createdAt: notification.createdAt)
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
