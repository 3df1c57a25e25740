import AccountsApplication
import Shared
import Testing

extension PasswordHasherBehaviour {
    /// What every `PasswordHasher` must do with hashes that are not made as new ones are.
    ///
    /// - Parameter oldHash: of `correct horse`.
    package static func renewal(oldHash: String) -> [PasswordHasherBehaviour] {
        [
            PasswordHasherBehaviour("a new hash needs no renewal") { hasher in
                let hash = try await hasher.hash(Secret("correct horse"))
                #expect(!hasher.needsRenewal(hash, provedBy: Secret("correct horse")))
            },
            PasswordHasherBehaviour("an old hash verifies as a new one does, and needs renewal") {
                hasher async throws in
                #expect(hasher.needsRenewal(oldHash, provedBy: Secret("correct horse")))
                #expect(try await hasher.verify(Secret("correct horse"), against: oldHash))
                #expect(try await hasher.verify(Secret("correct horsf"), against: oldHash) == false)
            },
        ]
    }
}
