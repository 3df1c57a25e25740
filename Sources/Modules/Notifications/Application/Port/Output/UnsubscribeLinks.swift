import NotificationsDomain
import Shared

/// Links by which a reader ends a kind of mails without signing in.
package protocol UnsubscribeLinks: Sendable {
    /// The same each time, so that a repeated mail is the same mail.
    func link(_ subject: UnsubscribeSubject) -> String
    /// - Returns: nil for a token that none of our links has.
    func subject(of token: String) -> UnsubscribeSubject?
}

/// Who ends what.
package struct UnsubscribeSubject: Sendable, Equatable {
    package let userID: Identifier
    package let kind: NotificationKind

    package init(userID: Identifier, kind: NotificationKind) {
        self.userID = userID
        self.kind = kind
    }
}

/// Makes of an address what the log of messages knows it by.
package protocol AddressDigester: Sendable {
    func digest(_ address: EmailAddress) -> AddressDigest
}
