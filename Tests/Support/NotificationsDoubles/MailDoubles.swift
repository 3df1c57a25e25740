import NotificationsApplication
import NotificationsDomain
import Shared
import Synchronization
import TestSupport

/// Keeps the mails that it is given, or fails as the test says.
package final class MailTransportDouble: MailTransport {
    /// Its name in the log.
    package static let provider = "double"

    private let delivered = Recorder<Mail>()
    private let answer: @Sendable (Mail) async throws -> MailDelivery

    /// - Parameter fails: throws for a mail that cannot be sent.
    package init(failing fails: @escaping @Sendable (Mail) async throws -> Void = { _ in }) {
        answer = { mail in
            try await fails(mail)
            return .accepted(by: Self.provider)
        }
    }

    /// - Parameter answer: what a server says to every mail.
    package init(answering answer: MailDelivery) {
        self.answer = { _ in answer }
    }

    package var sent: [Mail] { delivered.all }

    package func send(_ mail: Mail) async throws -> MailDelivery {
        let delivery = try await answer(mail)
        if case .accepted = delivery { delivered.add(mail) }
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

/// The rules of a store, read at every question.
package struct NotificationRulesDouble: NotificationRules {
    private let work: InMemoryNotificationsWork

    package init(_ work: InMemoryNotificationsWork) { self.work = work }

    package func current() async throws -> RuleSet { RuleSet(work.store.rules) }
}

/// The address itself, so that a test can read it.
package struct AddressDigesterDouble: AddressDigester {
    package init() {}

    package func digest(_ address: EmailAddress) -> AddressDigest { AddressDigest(Array(address.key.utf8)) }
}

/// Links that anybody could make.
package struct UnsubscribeLinksDouble: UnsubscribeLinks {
    package init() {}

    package func link(_ subject: UnsubscribeSubject) -> String {
        "https://gapura.test/unsubscribe?token=\(token(subject))"
    }

    package func token(_ subject: UnsubscribeSubject) -> String { "\(subject.userID).\(subject.kind.rawValue)" }

    package func subject(of token: String) -> UnsubscribeSubject? {
        let parts = token.split(separator: ".")
        guard parts.count == 2, let user = Identifier(String(parts[0])),
            let kind = NotificationKind(rawValue: String(parts[1]))
        else { return nil }
        return UnsubscribeSubject(userID: user, kind: kind)
    }
}
