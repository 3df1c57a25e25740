import Shared

/// Argon2id within a memory budget. A full queue throws `Unavailable`.
package protocol PasswordHasher: Sendable {
    func hash(_ password: Secret<String>) async throws -> String

    /// - Parameter hash: nil costs the same as a real one and is never right.
    func verify(_ password: Secret<String>, against hash: String?) async throws -> Bool
}
