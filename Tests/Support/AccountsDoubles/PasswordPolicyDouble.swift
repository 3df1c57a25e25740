import AccountsApplication
import AccountsDomain
import Shared

/// The rules with one common password, in lower case.
package struct PasswordPolicyDouble: PasswordPolicy {
    package static let common = "password1"

    package init() {}

    package func password(_ text: Secret<String>, for address: EmailAddress) throws(Password.Weakness) -> Password {
        try Password(normalized: text.reveal(), for: address, isCommon: { $0 == Self.common })
    }
}
