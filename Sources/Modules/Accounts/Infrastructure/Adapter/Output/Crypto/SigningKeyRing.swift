import Crypto
import JSON
import Shared

/// The keys that sign and verify access tokens, in memory.
struct SigningKeyRing: Sendable {
    /// Signs new tokens.
    let current: PrivateSigningKey
    private let verification: [String: PublicVerificationKey]
    /// The JWK set, ready to be sent.
    let publicKeySet: [UInt8]

    /// - Parameter others: keys that may still have tokens out.
    init(current: PrivateSigningKey, others: [PublicVerificationKey] = []) {
        let keys = [current.publicKey] + others
        self.current = current
        verification = Dictionary(keys.map { ($0.kid, $0) }) { first, _ in first }
        let jwks = keys.compactMap(\.jwk).map { JSONValue.object($0) }
        publicKeySet = (["keys": .array(jwks)] as JSONValue).serialized
    }

    func verificationKey(_ kid: String) -> PublicVerificationKey? { verification[kid] }
}
