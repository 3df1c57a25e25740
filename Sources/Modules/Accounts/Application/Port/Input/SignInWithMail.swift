import AccountsContract
import Shared

package struct SignInWithCodeCommand: Sendable {
    package let email: EmailAddress
    package let code: Secret<String>
    package let client: ClientInfo

    package init(email: EmailAddress, code: Secret<String>, client: ClientInfo) {
        self.email = email
        self.code = code
        self.client = client
    }
}

package enum SignInWithLinkOutcome: Sendable {
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
