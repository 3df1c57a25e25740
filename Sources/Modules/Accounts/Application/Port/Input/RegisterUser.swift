import AccountsContract
import AccountsDomain
import Shared

/// Makes an account and, after the commit, sends the mail that proves its address.
package protocol RegisterUser: Sendable {
    func callAsFunction(_ command: RegisterUserCommand) async throws -> RegisterUserOutcome
}

package struct RegisterUserCommand: Sendable {
    package let email: EmailAddress
    package let password: Password
    package let username: String?
    package let profile: Profile
    package let client: ClientInfo

    package init(
        email: EmailAddress, password: Password, username: String? = nil, profile: Profile = Profile(),
        client: ClientInfo
    ) {
        self.email = email
        self.password = password
        self.username = username
        self.profile = profile
        self.client = client
    }
}

package enum RegisterUserOutcome: Sendable, Equatable {
    case registered(Account)
    case emailTaken
}
