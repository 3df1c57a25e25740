import AccountsContract
import AccountsDomain
import Shared

package struct SignInCommand: Sendable {
    package let email: EmailAddress
    /// As it was typed.
    package let password: Secret<String>
    package let client: ClientInfo

    package init(email: EmailAddress, password: Secret<String>, client: ClientInfo) {
        self.email = email
        self.password = password
        self.client = client
    }
}
