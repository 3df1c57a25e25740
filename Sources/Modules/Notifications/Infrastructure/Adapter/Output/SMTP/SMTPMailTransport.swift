import HTTPClient
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import Shared
import Telemetry

/// Mails over SMTP, by the first server that works.
struct SMTPMailTransport: MailTransport {
    let servers: SMTPFailover
    let sender: Mailbox

    func send(_ mail: Mail) async throws -> MailDelivery {
        let message = MailMessage(
            id: mail.id.value, from: sender, to: mail.to, subject: mail.subject, text: mail.text, html: mail.html,
            unsubscribe: mail.unsubscribeURL, date: mail.createdAt)
        do {
            return .accepted(by: try await servers.send(message))
        } catch let failure as SMTPFailure {
            switch failure.kind {
            case .temporary: throw failure
            case .recipientRefused: return .addressRefused(reason: failure.description)
            case .messageRefused: return .mailRefused(reason: failure.description)
            }
        }
    }

    func register(in metrics: Metrics) {
        for name in servers.names {
            metrics.gauge(
                "mail_server_working", help: "0 since a mail server failed, until it works again.",
                labels: ["server": name]
            ) { [servers] in servers.isWorking(name) ? 1 : 0 }
            for outcome in SMTPFailover.Outcome.allCases {
                metrics.counter(
                    "mail_server_mails_total", help: "Mails that were given to a mail server, by what came of them.",
                    labels: ["server": name, "outcome": outcome.rawValue]
                ) { [servers] in Double(servers.count(outcome, of: name)) }
            }
        }
    }
}
