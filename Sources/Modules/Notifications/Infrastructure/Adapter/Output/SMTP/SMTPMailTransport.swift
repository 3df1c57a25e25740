import HTTPClient
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import Shared

/// Mails over SMTP.
struct SMTPMailTransport: MailTransport {
    let transport: SMTPTransport
    let sender: Mailbox

    func send(_ mail: Mail) async throws -> MailDelivery {
        let message = MailMessage(
            id: mail.id.value, from: sender, to: mail.to, subject: mail.subject, text: mail.text, html: mail.html,
            date: mail.createdAt)
        do {
            try await transport.send(message)
            return .accepted
        } catch let failure as SMTPFailure {
            switch failure.kind {
            case .temporary: throw failure
            case .recipientRefused: return .addressRefused(reason: failure.description)
            case .messageRefused: return .mailRefused(reason: failure.description)
            }
        }
    }
}
