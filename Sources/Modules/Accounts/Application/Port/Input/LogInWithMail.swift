import AccountsContract
import Shared

/// Signs in by what was mailed: six digits or a link. Either proves the address too.
package protocol LogInWithMail: Sendable {
    /// Mails both. Tells nobody whether the address is known.
    func request(email: EmailAddress) async throws
    func callAsFunction(_ command: LogInWithCodeCommand) async throws -> SignInOutcome
    /// What the link is about, without changing anything.
    func preview(link token: String) async throws -> LinkPreview
    func callAsFunction(link token: String, client: ClientInfo) async throws -> LogInWithLinkOutcome
}

package struct LogInWithCodeCommand: Sendable {
    package let email: EmailAddress
    package let code: Secret<String>
    package let client: ClientInfo

    package init(email: EmailAddress, code: Secret<String>, client: ClientInfo) {
        self.email = email
        self.code = code
        self.client = client
    }
}

package enum LogInWithLinkOutcome: Sendable {
    case signedIn(SignedIn)
    case obstructed(SignInRefusal)
    case refused(LinkRefusal)
}

/// What a page says before its button is pressed.
package enum LinkPreview: Sendable, Equatable {
    /// - Parameter address: what the link is for.
    case open(address: EmailAddress)
    case refused(LinkRefusal)
}
