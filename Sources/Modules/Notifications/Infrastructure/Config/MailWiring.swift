import Composition
import HTTPClient
import Lifecycle
import NotificationsApplication
import NotificationsDomain
import SQL
import Shared
import Telemetry

/// How mails go out, wired.
struct MailWiring: Sendable {
    let route: MailRoute
    let transport: (any MailTransport)?
    /// Those of the connections.
    let services: [any Service]
    /// At once.
    let messagesMax: Int
    /// How the mail servers did last; nil without any.
    let health: (@Sendable () -> String)?

    /// Writes at once share a commit; more at once would take the machine from the requests that cause them.
    private static let capturedAtOnce = 16

    init(
        _ settings: NotificationsSettings, _ resources: ModuleResources, mailbox: SQLCapturedMailbox, capturesMail: Bool
    ) {
        if let first = settings.smtp.first, let sender = settings.sender {
            let servers = settings.smtp.map { SMTPTransport($0) }
            let failover = SMTPFailover(
                zip(Self.names(settings.smtp), servers).map { name, server in
                    SMTPFailover.Server(name) { try await server.send($0) }
                }, logger: resources.logger)
            let mails = SMTPMailTransport(servers: failover, sender: sender)
            mails.register(in: resources.metrics)
            (route, transport, services) = (.smtp, mails, servers)
            // As many as there are connections: more would only wait for one.
            messagesMax = first.connectionsMax
            health = { failover.health }
        } else if capturesMail {
            (route, transport, services, messagesMax) = (.captured, mailbox, [], Self.capturedAtOnce)
            health = nil
        } else {
            (route, transport, services, messagesMax) = (.none, nil, [], 0)
            health = nil
        }
    }

    /// `smtp.example.com:587`; of two alike the second one has its number.
    static func names(_ servers: [SMTPSettings]) -> [String] {
        var names: [String] = []
        for server in servers {
            let name = "\(server.host):\(server.port)"
            names.append(names.contains(name) ? "\(name) (\(names.count + 1))" : name)
        }
        return names
    }

    /// Counts messages that are not sent although there is something to say.
    static func withheld(in metrics: Metrics) -> @Sendable (Notification.Reason) -> Void {
        let reasons: [Notification.Reason] = [.limited, .unsubscribed, .suppressed]
        let counters = reasons.map { reason in
            (
                reason,
                metrics.counter(
                    "mails_withheld_total", help: "Mails that were not sent although there was something to say.",
                    labels: ["reason": reason.rawValue])
            )
        }
        return { reason in counters.first { $0.0 == reason }?.1.increment() }
    }
}
