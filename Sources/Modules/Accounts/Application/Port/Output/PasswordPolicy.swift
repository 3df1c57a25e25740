import AccountsDomain
import Shared

/// The rules of new passwords, with the list of common ones.
package protocol PasswordPolicy: Sendable {
    /// - Parameter text: as it was typed; brought into Unicode normal form C here.
    func password(_ text: Secret<String>, for address: EmailAddress) throws(Password.Weakness) -> Password
}
