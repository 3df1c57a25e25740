import AccountsContract
import NotificationsContract
import NotificationsDomain
import Shared

/// What a message says, asked for at the moment of sending: the module that knows says it.
struct MailContents: Sendable {
    struct Content: Sendable {
        let recipient: MailRecipient
        var values: [String: MailValue] = [:]
    }

    let work: any NotificationsWork
    let accounts: any AccountsFacade
    let appName: String

    /// - Returns: nil if there is nothing to say any more.
    func of(_ notification: Notification) async throws -> Content? {
        guard var content = try await own(notification) else { return nil }
        content.values["app_name"] = .text(appName)
        content.values["email"] = .text(content.recipient.address.text)
        return content
    }

    /// A span is counted from the making of a link, not from the sending, so that a repeated mail has the same words.
    private func own(_ notification: Notification) async throws -> Content? {
        switch notification.template {
        case .verifyEmail, .resetPassword, .emailChange, .emailChanged, .reactivate, .mfaResetRequested:
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
        case .newDevice, .recoveryCodeUsed, .identityLinked, .identityUnlinked:
            try await accounts.notice(to: UserID(notification.reference)).map { mail in
                Content(recipient: mail.recipient, values: notification.details.mapValues { .text($0) })
            }
        case .quotaThreshold, .quotaExhausted:
            try await accounts.notice(to: UserID(notification.reference)).map { mail in
                var values = notification.details.mapValues { MailValue.text($0) }
                // A limit over all services is the whole platform's.
                if values["service"] == nil { values["service"] = .text(appName) }
                return Content(recipient: mail.recipient, values: values)
            }
        case .welcome, .passwordChanged, .alreadyRegistered, .accountLocked, .sessionEnded, .mfaEnabled,
            .mfaDisabled, .mfaLocked, .recoveryCodesMade, .mfaReset, .apiKeyCreated,
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
}
