import Shared

/// What other modules may ask Accounts. What mails say is made anew at each call, so that a repeated mail is the same
/// mail; nil means that there is nothing to say any more: used, expired or gone.
package protocol AccountsFacade: Sendable {
    /// A mail with a link: verification, new password, confirmation of another address.
    func linkMail(for id: ValidationID) async throws -> LinkMail?
    func signInCodeMail(for id: SignInCodeID) async throws -> SignInCodeMail?
    /// To the address that the account has while another one waits to be confirmed.
    func emailChangeNotice(for id: ValidationID) async throws -> NoticeMail?
    /// About something that happened to the account.
    func notice(to id: UserID) async throws -> NoticeMail?

    /// Whose an access token is. Does not suspend for a token that this process has seen before.
    ///
    /// - Returns: nil if the token is none of ours or has expired.
    /// - Throws: `Unavailable` if neither memory nor the store can tell.
    func owner(accessToken: String) async throws -> TokenOwner?
    /// The same from memory: unknown for a token that this process has not seen before, and while it does not hear of
    /// revocations.
    func recallOwner(accessToken: String, at now: Timestamp) -> MemoryLookup<TokenOwner>

    /// How somebody stands now, by one read; nil if there is no such user.
    func standing(of id: UserID) async throws -> UserStanding?
    /// The same of whoever has an address, by its key.
    func standing(at address: EmailAddress) async throws -> UserStanding?

    /// What a session lacks for something grave, by its row: its person has to have proved lately who they are, by the
    /// second factor if the account has one.
    ///
    /// - Parameter carriesProof: whether the call brings the password or a mailed code, which is proof enough where the
    ///   account has no factor.
    /// - Returns: nil if nothing.
    func stepUpDemand(of caller: SessionCaller, carriesProof: Bool) async throws -> StepUpDemand?
    /// What keeps a person with a right to write on the platform from using it; nil if nothing does, and always where
    /// no second factor is required of such people.
    func administrationObstacle(for caller: SessionCaller) async throws -> AdministrationObstacle?

    /// Tells when somebody's standing has changed, in whichever process: right after the commit in the process that
    /// changed it, after the next read of revocations (half a second) in the others. The end of a block's time is no
    /// change.
    ///
    /// One change may be told more than once. A standing whose read began before the call may be the old one, so what
    /// is remembered must not be written by such a read after the call.
    ///
    /// - Parameter listener: called on any thread for as long as the process lives; returns at once and does not block.
    func onUserChanged(_ listener: @escaping @Sendable (UserID) -> Void)
}

extension AccountsFacade {
    /// Who calls; nil if the token or its session does not count (any more).
    package func caller(accessToken: String) async throws -> SessionCaller? {
        try await owner(accessToken: accessToken)?.caller
    }
}

/// To whom a mail goes, and in which language.
package struct MailRecipient: Sendable, Equatable {
    package let userID: UserID
    package let address: EmailAddress
    /// A language tag such as `en`.
    package let locale: String

    package init(userID: UserID, address: EmailAddress, locale: String) {
        self.userID = userID
        self.address = address
        self.locale = locale
    }
}

/// The changing parts of a mail with a link. The link is a secret: it goes into the mail and nowhere else.
package struct LinkMail: Sendable, Equatable {
    package let recipient: MailRecipient
    package let link: String
    package let createdAt: Timestamp
    package let expiresAt: Timestamp

    package init(recipient: MailRecipient, link: String, createdAt: Timestamp, expiresAt: Timestamp) {
        self.recipient = recipient
        self.link = link
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// The changing parts of a mail with a sign-in code and a link. Both are secrets.
package struct SignInCodeMail: Sendable, Equatable {
    package let recipient: MailRecipient
    package let code: String
    package let link: String
    package let createdAt: Timestamp
    /// The code's; the link lives longer.
    package let expiresAt: Timestamp

    package init(recipient: MailRecipient, code: String, link: String, createdAt: Timestamp, expiresAt: Timestamp) {
        self.recipient = recipient
        self.code = code
        self.link = link
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// A mail that only tells something.
package struct NoticeMail: Sendable, Equatable {
    package let recipient: MailRecipient

    package init(recipient: MailRecipient) {
        self.recipient = recipient
    }
}
