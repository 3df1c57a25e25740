import Configuration
import HTTPClient
import Shared

/// What an operator sets about mail.
package struct NotificationsSettings: Sendable {
    /// How mails go out. Nil: they do not.
    package let smtp: SMTPSettings?
    /// `MAIL_FROM`
    package let sender: Mailbox?
    /// The same as it was written, to be shown.
    package let senderText: String
    let retention: NotificationsRetention

    package init(_ reader: inout SettingsReader, appName: String) {
        let text = reader.text("MAIL_FROM")
        let sender = text.flatMap { Mailbox($0) }
        senderText = text ?? "\(appName) <no-reply@localhost>"
        self.sender = sender
        retention = NotificationsRetention(
            notifications: reader.days("NOTIFICATIONS_RETENTION", default: 90, in: 1...3_650),
            suppressions: reader.days("MAIL_SUPPRESSIONS_RETENTION", default: 365, in: 30...3_650),
            webhookDeliveries: reader.days("WEBHOOK_DELIVERIES_RETENTION", default: 30, in: 4...3_650))
        smtp = Self.smtp(&reader)
        if text != nil, sender == nil {
            reader.fail("MAIL_FROM", "must be an address such as Gapura <no-reply@example.com>")
        } else if smtp != nil, sender == nil {
            reader.fail("MAIL_FROM", "is missing: with SMTP_HOST it is who mails come from")
        }
    }

    private static func smtp(_ reader: inout SettingsReader) -> SMTPSettings? {
        let host = host(&reader)
        let security: SMTPSecurity = reader.choice("SMTP_TLS", default: .starttls)
        let port = reader.integer("SMTP_PORT", default: security.defaultPort, in: 1...65_535)
        let user = reader.text("SMTP_USER")
        let password = reader.secret("SMTP_PASSWORD")
        let certificateFile = reader.path("SMTP_CA_FILE")
        let timeout = reader.duration("SMTP_TIMEOUT", default: .seconds(60))
        if (user == nil) != (password == nil) {
            reader.fail(user == nil ? "SMTP_USER" : "SMTP_PASSWORD", "is missing: user and password go together")
        }
        guard let host else { return nil }
        if user != nil, security == .none, !isLocal(host) {
            reader.fail("SMTP_TLS", "must be starttls or tls: without it the password would go in clear")
        }
        var settings = SMTPSettings(host: host, port: port, security: security)
        settings.certificateFile = certificateFile
        settings.timeout = timeout
        settings.replyTimeout = min(settings.replyTimeout, timeout)
        settings.connectTimeout = min(settings.connectTimeout, timeout)
        if let user, let password { settings.credentials = SMTPCredentials(user: user, password: password) }
        return settings
    }

    private static func host(_ reader: inout SettingsReader) -> String? {
        guard let text = reader.text("SMTP_HOST") else { return nil }
        let host = text.contains(":") && NetworkAddress(text: text) != nil ? "[\(text)]" : text
        if SMTPSettings.isHost(host) { return host }
        reader.fail("SMTP_HOST", "must be a host name or an IP address")
        return nil
    }

    private static func isLocal(_ host: String) -> Bool {
        let address = NetworkAddress(text: host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host)
        return host == "localhost" || address?.isLoopback == true
    }
}
