import AccountsContract
import AccountsDomain
import Shared

package struct SignInWithCodeCommand: Sendable {
    package let email: EmailAddress
    package let code: Secret<String>
    package let client: ClientInfo
    package let destination: SignInDestination

    package init(
        email: EmailAddress, code: Secret<String>, client: ClientInfo,
        destination: SignInDestination = SignInDestination()
    ) {
        self.email = email
        self.code = code
        self.client = client
        self.destination = destination
    }
}

package enum SignInWithLinkOutcome: Sendable {
    case signedIn(SignedIn)
    case secondFactorNeeded(SecondFactorDemand)
    case obstructed(SignInRefusal)
    case refused(LinkRefusal)
}

/// What a page says before its button is pressed.
package enum LinkPreview: Sendable, Equatable {
    /// - Parameter address: what the link is for.
    case open(address: EmailAddress)
    case refused(LinkRefusal)
}
