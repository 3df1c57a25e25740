import AccountsApplication
import Crypto
import Shared

struct Argon2PasswordHasher: PasswordHasher {
    let hashing: PasswordHashing

    func hash(_ password: Secret<String>) async throws -> String {
        try await hashing.hash(Array(password.reveal().utf8))
    }

    func verify(_ password: Secret<String>, against hash: String?) async throws -> Bool {
        let bytes = Array(password.reveal().utf8)
        guard let hash else {
            try await hashing.verifyAgainstNothing(bytes)
            return false
        }
        return try await hashing.verify(bytes, against: hash)
    }
}
