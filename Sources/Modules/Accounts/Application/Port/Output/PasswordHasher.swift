import AccountsDomain
import Shared

/// Argon2id within a memory budget. A full queue throws `Unavailable`.
package protocol PasswordHasher: Sendable {
    /// - Parameter password: hashed in Unicode normal form C.
    func hash(_ password: Secret<String>) async throws -> String

    /// - Parameters:
    ///   - password: as it was typed. A hash of ours is of its normal form C; one from elsewhere may be of either.
    ///   - hash: nil costs the same as a real one and is never right.
    func verify(_ password: Secret<String>, against hash: String?) async throws -> Bool

    /// Where an address falls among all accounts: always at the same place, by a secret. An account without a password,
    /// or none, is compared with the hash of the account that `UserRepository.passwordHash` finds there.
    func place(of address: EmailAddress) -> String

    /// Whether a hash was made by other means or at another cost than new ones are, and may be replaced by one of a
    /// password that was right for it: not if it is of the password's beginning only, as bcrypt's are, because the rest
    /// may be mistyped.
    func needsRenewal(_ hash: String, provedBy password: Secret<String>) -> Bool
}
