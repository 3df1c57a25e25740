import NotificationsApplication
import NotificationsDomain
import Shared
import Synchronization
import TestSupport

/// Keeps the mails that it is given, or fails as the test says.
package final class MailTransportDouble: MailTransport {
    private let delivered = Recorder<Mail>()
    private let answer: @Sendable (Mail) async throws -> MailDelivery

    /// - Parameter fails: throws for a mail that cannot be sent.
    package init(failing fails: @escaping @Sendable (Mail) async throws -> Void = { _ in }) {
        answer = { mail in
            try await fails(mail)
            return .accepted
        }
    }

    /// - Parameter answer: what a server says to every mail.
    package init(answering answer: MailDelivery) {
        self.answer = { _ in answer }
    }

    package var sent: [Mail] { delivered.all }

    package func send(_ mail: Mail) async throws -> MailDelivery {
        let delivery = try await answer(mail)
        if delivery == .accepted { delivered.add(mail) }
        return delivery
    }
}

/// Writes the values down instead of finding words.
package struct MailComposerDouble: MailComposer {
    package init() {}

    package func compose(
        _ template: NotificationTemplate, locale: String, values: [String: MailValue]
    ) throws -> ComposedMail {
        let lines = values.sorted { $0.key < $1.key }.map { name, value in
            switch value {
            case .text(let text): "\(name)=\(text)"
            case .span(let span): "\(name)=\(span.count) \(span.unit.rawValue)"
            }
        }
        let text = lines.joined(separator: "\n")
        return ComposedMail(subject: "\(template.rawValue) \(locale)", text: text, html: "<pre>\(text)</pre>")
    }
}
