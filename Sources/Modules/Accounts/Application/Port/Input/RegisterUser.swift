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
    /// Of mails and pages: one of `Languages.supported`.
    package let locale: String
    package let client: ClientInfo

    package init(
        id: UserID, email: EmailAddress, password: Password, username: String? = nil, profile: Profile = Profile(),
        locale: String = Languages.supported[0], client: ClientInfo
    ) {
        self.id = id
        self.email = email
        self.password = password
        self.username = username
        self.profile = profile
        self.locale = locale
        self.client = client
    }
}

package enum RegisterUserOutcome: Sendable, Equatable {
    case registered(Account)
    case emailTaken
}
