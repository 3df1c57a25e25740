import Shared

/// An address that gets no mail: its server refused it for good, or staff said so. Sending on to an address that is
/// refused would bring nothing, and a sender who goes on is taken for one of spam.
package struct MailSuppression: Sendable, Equatable {
    package let address: EmailAddress
    /// Whose address it was at the latest refusal; nil if an older version or staff wrote it down.
    package let userID: Identifier?
    /// The server's codes, such as `550 5.1.1`; the words of staff.
    package let reason: String
    /// Whether staff said so. Then nothing is sent until staff take it back.
    package let isManual: Bool
    /// Of the latest refusal.
    package let createdAt: Timestamp

    package init(
        address: EmailAddress, userID: Identifier?, reason: String, isManual: Bool = false, createdAt: Timestamp
    ) {
        self.address = address
        self.userID = userID
        self.reason = reason
        self.isManual = isManual
        self.createdAt = createdAt
    }

    /// A person may have had the mailbox mended, and without security mails they cannot sign in: after so long one is
    /// tried again. If it is taken, the suppression ends; if not, it begins anew.
    package static let securityPause: Duration = .seconds(24 * 3_600)

    /// Whether a message to this address shall not be sent.
    package func stops(_ template: NotificationTemplate, at now: Timestamp) -> Bool {
        isManual || !template.isSecurity || now < createdAt + Self.securityPause
    }
}
