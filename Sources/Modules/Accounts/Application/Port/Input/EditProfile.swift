import AccountsContract
import AccountsDomain
import Shared

package struct ProfileChanges: Sendable {
    package let username: Change<String>
    package let firstName: Change<String>
    package let lastName: Change<String>
    package let image: Change<String>
    /// A language that Gapura writes mails in; nil keeps it.
    package let locale: String?

    package init(
        username: Change<String> = .keep, firstName: Change<String> = .keep, lastName: Change<String> = .keep,
        image: Change<String> = .keep, locale: String? = nil
    ) {
        self.username = username
        self.firstName = firstName
        self.lastName = lastName
        self.image = image
        self.locale = locale
    }
}
