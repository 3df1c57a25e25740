import AccountsContract
import AccountsDomain
import Shared

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
