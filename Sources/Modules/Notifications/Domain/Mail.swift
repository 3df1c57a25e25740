import NotificationsContract
import Shared

/// A mail, ready to be sent.
package struct Mail: Sendable, Equatable {
    /// The same for every attempt, so that a repeated mail is known as the same mail.
    package let id: NotificationID
    package let to: EmailAddress
    package let subject: String
    package let text: String
    package let html: String
    /// Where its reader ends mails of this kind with one click; nil if they cannot be ended.
    package let unsubscribeURL: String?
    package let createdAt: Timestamp

    package init(
        id: NotificationID, to: EmailAddress, subject: String, text: String, html: String,
        unsubscribeURL: String? = nil, createdAt: Timestamp
    ) {
        self.id = id
        self.to = to
        self.subject = subject
        self.text = text
        self.html = html
        self.unsubscribeURL = unsubscribeURL
        self.createdAt = createdAt
    }

    /// The web addresses in the text part, in order.
    package var links: [String] {
        text.split(whereSeparator: \.isWhitespace).map(String.init).filter {
            $0.hasPrefix("http://") || $0.hasPrefix("https://")
        }
    }
}
