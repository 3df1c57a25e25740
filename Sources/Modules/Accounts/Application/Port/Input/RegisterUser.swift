import AccountsContract
import AccountsDomain
import Shared

package struct RegisterUserCommand: Sendable {
    /// The new account's. If it is there, this command has made it before, and it is the answer.
    package let id: UserID
    package let email: EmailAddress
    package let password: Password
    package let username: String?
    package let profile: Profile
    package let client: ClientInfo

    package init(
        id: UserID, email: EmailAddress, password: Password, username: String? = nil, profile: Profile = Profile(),
        client: ClientInfo
    ) {
        self.id = id
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
