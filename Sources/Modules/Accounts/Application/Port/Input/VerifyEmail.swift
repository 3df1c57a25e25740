import AccountsContract
import AccountsDomain
import Shared

/// Proves an address by the link that was mailed to it.
package protocol VerifyEmail: Sendable {
    /// What the link is about, without changing anything: mail scanners open links.
    func preview(_ token: String) async throws -> VerifyEmailPreview
    func callAsFunction(_ token: String, client: ClientInfo) async throws -> VerifyEmailOutcome
    /// "This was not me": deletes the account, which nobody has proved.
    func decline(_ token: String, client: ClientInfo) async throws -> DeclineOutcome
}

package enum VerifyEmailPreview: Sendable, Equatable {
    case open(Account)
    case alreadyVerified(Account)
    case refused(LinkRefusal)
}

package enum VerifyEmailOutcome: Sendable, Equatable {
    case verified(Account)
    case refused(LinkRefusal)
}

package enum DeclineOutcome: Sendable, Equatable {
    case deleted(EmailAddress)
    case refused(LinkRefusal)
}

/// Why a link is not good.
package enum LinkRefusal: Sendable, Equatable {
    /// Unknown, forged, or used before.
    case invalid
    case expired
}
