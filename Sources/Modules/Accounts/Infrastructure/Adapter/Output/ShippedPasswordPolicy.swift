import AccountsApplication
import AccountsContract
import AccountsDomain
import Crypto
import Shared

/// The rules with the list of common passwords that is part of the program.
struct ShippedPasswordPolicy: PasswordPolicy {
    func password(_ text: Secret<String>, for address: EmailAddress) throws(Password.Weakness) -> Password {
        // No normal form: the memory does not suffice for it.
        guard let normalized = UnicodeNormalization.nfc(text.reveal()) else { throw .tooLong }
        return try Password(normalized: normalized, for: address, isCommon: CommonPasswords.shipped.contains)
    }
}
