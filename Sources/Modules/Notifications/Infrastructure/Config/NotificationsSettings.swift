import Configuration
import HTTPClient
import NotificationsDomain
import Shared

/// What an operator sets about mail.
package struct NotificationsSettings: Sendable {
    /// The servers that mails go to, the preferred one first. None: they do not go out.
    package let smtp: [SMTPSettings]
    /// `MAIL_FROM`
    package let sender: Mailbox?
    /// The same as it was written, to be shown.
    package let senderText: String
    let retention: NotificationsRetention
    let limits: MailLimits

    /// `SMTP_...`, `SMTP_2_...` and `SMTP_3_...`.
    private static let prefixes = ["SMTP", "SMTP_2", "SMTP_3"]

    package init(_ reader: inout SettingsReader, appName: String) {
        let text = reader.text("MAIL_FROM")
        let sender = text.flatMap { Mailbox($0) }
        senderText = text ?? "\(appName) <no-reply@localhost>"
        self.sender = sender
        retention = NotificationsRetention(
            notifications: reader.days("NOTIFICATIONS_RETENTION", default: 90, in: 1...3_650),
            suppressions: reader.days("MAIL_SUPPRESSIONS_RETENTION", default: 365, in: 30...3_650),
            webhookDeliveries: reader.days("WEBHOOK_DELIVERIES_RETENTION", default: 30, in: 4...3_650))
        limits = MailLimits(
            security: MailLimits.Limit(
                perAddress: reader.integer("MAIL_SECURITY_PER_ADDRESS", default: 60, in: 10...10_000),
                perTemplate: reader.integer("MAIL_SECURITY_PER_TEMPLATE", default: 30, in: 5...10_000)),
            others: MailLimits.Limit(
                perAddress: reader.integer("MAIL_PER_ADDRESS", default: 20, in: 1...10_000),
                perTemplate: reader.integer("MAIL_PER_TEMPLATE", default: 10, in: 1...10_000)))
        smtp = Self.servers(&reader)
        if text != nil, sender == nil {
            reader.fail("MAIL_FROM", "must be an address such as Gapura <no-reply@example.com>")
        } else if !smtp.isEmpty, sender == nil {
            reader.fail("MAIL_FROM", "is missing: with SMTP_HOST it is who mails come from")
        }
    }

    private static func servers(_ reader: inout SettingsReader) -> [SMTPSettings] {
        var servers: [SMTPSettings] = []
        for (index, prefix) in prefixes.enumerated() {
            guard let server = smtp(prefix, &reader) else { continue }
            if servers.count < index {
                reader.fail("\(prefix)_HOST", "must come after \(prefixes[index - 1])_HOST: servers are tried in order")
            }
            servers.append(server)
        }
        return servers
    }

    private static func smtp(_ prefix: String, _ reader: inout SettingsReader) -> SMTPSettings? {
        let host = host("\(prefix)_HOST", &reader)
        let security: SMTPSecurity = reader.choice("\(prefix)_TLS", default: .starttls)
        let port = reader.integer("\(prefix)_PORT", default: security.defaultPort, in: 1...65_535)
        let user = reader.text("\(prefix)_USER")
        let password = reader.secret("\(prefix)_PASSWORD")
        let certificateFile = reader.path("\(prefix)_CA_FILE")
        let timeout = reader.duration("\(prefix)_TIMEOUT", default: .seconds(60))
        if (user == nil) != (password == nil) {
            let missing = user == nil ? "USER" : "PASSWORD"
            reader.fail("\(prefix)_\(missing)", "is missing: user and password go together")
        }
        guard let host else { return nil }
        if user != nil, security == .none, !isLocal(host) {
            reader.fail("\(prefix)_TLS", "must be starttls or tls: without it the password would go in clear")
        }
        var settings = SMTPSettings(host: host, port: port, security: security)
        settings.certificateFile = certificateFile
        settings.timeout = timeout
        settings.replyTimeout = min(settings.replyTimeout, timeout)
        settings.connectTimeout = min(settings.connectTimeout, timeout)
        if let user, let password { settings.credentials = SMTPCredentials(user: user, password: password) }
        return settings
    }

    private static func host(_ name: String, _ reader: inout SettingsReader) -> String? {
        guard let text = reader.text(name) else { return nil }
        let host = text.contains(":") && NetworkAddress(text: text) != nil ? "[\(text)]" : text
        if SMTPSettings.isHost(host) { return host }
        reader.fail(name, "must be a host name or an IP address")
        return nil
    }

    private static func isLocal(_ host: String) -> Bool {
        let address = NetworkAddress(text: host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host)
        return host == "localhost" || address?.isLoopback == true
    }
}
