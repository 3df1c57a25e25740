import AccountsContract
import AccountsDomain
import Shared

package struct SignInCommand: Sendable {
    package let email: EmailAddress
    /// As it was typed.
    package let password: Secret<String>
    package let client: ClientInfo
    package let destination: SignInDestination

    package init(
        email: EmailAddress, password: Secret<String>, client: ClientInfo,
        destination: SignInDestination = SignInDestination()
    ) {
        self.email = email
        self.password = password
        self.client = client
        self.destination = destination
    }
}
