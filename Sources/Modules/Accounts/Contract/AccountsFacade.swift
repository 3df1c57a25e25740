import Shared

/// What other modules may ask Accounts.
package protocol AccountsFacade: Sendable {
    /// What a verification mail says, made anew at each call, so that a repeated mail is the same mail.
    ///
    /// - Returns: nil if there is nothing to prove any more: used, expired or gone.
    func verificationMail(for id: ValidationID) async throws -> VerificationMail?
}

/// The changing parts of a verification mail. The link is a secret: it goes into the mail and nowhere else.
package struct VerificationMail: Sendable, Equatable {
    package let userID: UserID
    package let recipient: EmailAddress
    /// A language tag such as `en`.
    package let locale: String
    package let link: String
    package let createdAt: Timestamp
    package let expiresAt: Timestamp

    package init(
        userID: UserID, recipient: EmailAddress, locale: String, link: String, createdAt: Timestamp,
        expiresAt: Timestamp
    ) {
        self.userID = userID
        self.recipient = recipient
        self.locale = locale
        self.link = link
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}
