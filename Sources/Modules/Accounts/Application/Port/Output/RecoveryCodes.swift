import AccountsContract
import Shared

/// Makes recovery codes and knows them again by keyed hashes.
package protocol RecoveryCodes: Sendable {
    /// 80 random bits as 16 characters of Crockford's alphabet.
    func make() -> Secret<String>
    /// What may be stored of a code of this user: the first is what is stored today, others are of older keys.
    func hashes(of code: Secret<String>, of userID: UserID) -> [[UInt8]]
}
