import AccountsContract
import AccountsDomain
import Shared

/// Makes platform administrators by a link that lives one hour and works once: no password is ever printed.
package protocol AppointAdministrator: Sendable {
    /// - Parameter email: nil if the link's holder chooses.
    /// - Returns: the link.
    func invite(email: EmailAddress?) async throws -> String

    /// A link for the very first administrator; nil if there is one.
    func inviteFirst() async throws -> String?

    func preview(_ token: String) async throws -> AdministratorPreview
    func accept(_ command: AcceptAdministratorCommand) async throws -> AcceptAdministratorOutcome
}

package enum AdministratorPreview: Sendable, Equatable {
    case open(address: EmailAddress?)
    case refused(LinkRefusal)
}

package struct AcceptAdministratorCommand: Sendable {
    package let token: String
    /// Needed if the link names no address; must not differ from it if it does.
    package let email: EmailAddress?
    package let password: Password
    package let client: ClientInfo

    package init(token: String, email: EmailAddress?, password: Password, client: ClientInfo) {
        self.token = token
        self.email = email
        self.password = password
        self.client = client
    }
}

package enum AcceptAdministratorOutcome: Sendable, Equatable {
    case appointed(Account)
    case addressMissing
    case refused(LinkRefusal)
}
