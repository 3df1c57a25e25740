import Shared

/// An address whose server refused it for good. Sending on would bring nothing, and a sender who goes on is taken for
/// one of spam.
package struct MailSuppression: Sendable, Equatable {
    package let address: EmailAddress
    /// Whose address it was at the latest refusal; nil if an older version wrote it down.
    package let userID: Identifier?
    /// The server's codes, such as `550 5.1.1`.
    package let reason: String
    /// Of the latest refusal.
    package let createdAt: Timestamp

    package init(address: EmailAddress, userID: Identifier?, reason: String, createdAt: Timestamp) {
        self.address = address
        self.userID = userID
        self.reason = reason
        self.createdAt = createdAt
    }

    /// A person may have had the mailbox mended, and without security mails they cannot sign in: after so long one is
    /// tried again. If it is taken, the suppression ends; if not, it begins anew.
    package static let securityPause: Duration = .seconds(24 * 3_600)

    /// Whether a message to this address shall not be sent.
    package func stops(_ template: NotificationTemplate, at now: Timestamp) -> Bool {
        !template.isSecurity || now < createdAt + Self.securityPause
    }
}
