import NotificationsApplication
import NotificationsDomain
import Shared
import Synchronization
import TestSupport

/// Keeps the mails that it is given, or fails as the test says.
package final class MailTransportDouble: MailTransport {
    private let delivered = Recorder<Mail>()
    private let fails: @Sendable (Mail) async throws -> Void

    /// - Parameter fails: throws for a mail that cannot be sent.
    package init(failing fails: @escaping @Sendable (Mail) async throws -> Void = { _ in }) {
        self.fails = fails
    }

    package var sent: [Mail] { delivered.all }

    package func send(_ mail: Mail) async throws {
        try await fails(mail)
        delivered.add(mail)
    }
}

/// Writes the values down instead of finding words.
package struct MailComposerDouble: MailComposer {
    package init() {}

    package func compose(
        _ template: NotificationTemplate, locale: String, values: [String: String]
    ) throws -> ComposedMail {
        let text = values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
        return ComposedMail(subject: "\(template.rawValue) \(locale)", text: text, html: "<pre>\(text)</pre>")
    }
}
