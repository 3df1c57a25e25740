import AccountsApplication
import Crypto
import Shared

struct Argon2PasswordHasher: PasswordHasher {
    let hashing: PasswordHashing

    func hash(_ password: Secret<String>) async throws -> String {
        try await hashing.hash(try normalized(password))
    }

    func verify(_ password: Secret<String>, against hash: String?) async throws -> Bool {
        let normalized = try normalized(password)
        guard let hash else {
            try await hashing.verifyAgainstNothing(normalized)
            return false
        }
        // Ours costs one hash whatever was typed, as nothing does: the time must not tell who is there.
        if needsRenewal(hash) {
            let typed = Array(password.reveal().utf8)
            if try await hashing.verify(typed, against: hash) { return true }
            if typed == normalized { return false }
        }
        return try await hashing.verify(normalized, against: hash)
    }

    func needsRenewal(_ hash: String) -> Bool { hashing.needsRenewal(hash) }

    private func normalized(_ password: Secret<String>) throws -> [UInt8] {
        guard let text = UnicodeNormalization.nfc(password.reveal()) else {
            throw Unavailable("password_hashing", reason: "not enough memory for a password's normal form")
        }
        return Array(text.utf8)
    }
}
