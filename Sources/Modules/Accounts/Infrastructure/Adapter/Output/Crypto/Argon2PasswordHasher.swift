import AccountsApplication
import AccountsDomain
import Crypto
import Shared

struct Argon2PasswordHasher: PasswordHasher {
    private let hashing: PasswordHashing
    private let placeKey: HMACKey

    /// - Parameter placeSecret: by which addresses without a password get their places.
    init(hashing: PasswordHashing, placeSecret: Secret<[UInt8]>) {
        self.hashing = hashing
        placeKey = HMACKey(placeSecret)
    }

    func hash(_ password: Secret<String>) async throws -> String {
        try await hashing.hash(try normalized(password))
    }

    func verify(_ password: Secret<String>, against hash: String?) async throws -> Bool {
        // A hash from elsewhere may be of either form, whatever its cost: two are computed for every text that is not
        // in normal form, for nobody too, so that the time does not tell who is there.
        let (typed, normalized) = (Array(password.reveal().utf8), try normalized(password))
        for form in typed == normalized ? [typed] : [typed, normalized] {
            guard let hash, PasswordHashing.isReadable(hash) else {
                try await hashing.verifyAgainstNothing(form)
                continue
            }
            if try await hashing.verify(form, against: hash) { return true }
        }
        return false
    }

    func place(of address: EmailAddress) -> String {
        Hex.encode(Array(placeKey.authenticate(Array(address.key.utf8)).prefix(6)))
    }

    func needsRenewal(_ hash: String, provedBy password: Secret<String>) -> Bool {
        guard hashing.needsRenewal(hash), let normalized = UnicodeNormalization.nfc(password.reveal()) else {
            return false
        }
        return [password.reveal(), normalized].allSatisfy { PasswordHashing.isOfWhole(Array($0.utf8), hash) }
    }

    private func normalized(_ password: Secret<String>) throws -> [UInt8] {
        guard let text = UnicodeNormalization.nfc(password.reveal()) else {
            throw Unavailable("password_hashing", reason: "not enough memory for a password's normal form")
        }
        return Array(text.utf8)
    }
}
