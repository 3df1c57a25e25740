import Crypto
import JSON
import Shared

/// A signing key as the store has it.
struct SigningKey: Sendable {
    let key: PrivateSigningKey
    /// When it begins to sign; it is published before.
    let notBefore: Timestamp
    /// When the last token that it signed has expired; nil while it is the newest.
    let retiredAt: Timestamp?

    var kid: String { key.kid }
}

/// The keys of one moment: which one signs, which ones verify, and what is published.
struct SigningKeyRing: Sendable {
    /// Signs new access tokens.
    let current: PrivateSigningKey
    /// Signs what others verify, who must not be able to make it: the newest with a key pair; nil if there is none.
    let shared: PrivateSigningKey?
    private let verification: [String: PublicVerificationKey]
    /// The JWK set, ready to be sent.
    let publicKeySet: [UInt8]

    /// Nil without a key that may sign now.
    ///
    /// - Parameter keys: those that are not retired.
    init?(_ keys: [SigningKey], at now: Timestamp) {
        let newestFirst = keys.sorted { ($0.notBefore, $0.kid) > ($1.notBefore, $1.kid) }
        let signing = newestFirst.filter { $0.notBefore <= now }
        guard let current = signing.first else { return nil }
        self.current = current.key
        shared = signing.first { !$0.key.algorithm.isSymmetric }?.key
        let publicKeys = newestFirst.map(\.key.publicKey)
        verification = Dictionary(publicKeys.map { ($0.kid, $0) }) { first, _ in first }
        let jwks = publicKeys.compactMap(\.jwk).map { JSONValue.object($0) }
        publicKeySet = (["keys": .array(jwks)] as JSONValue).serialized
    }

    func verificationKey(_ kid: String) -> PublicVerificationKey? { verification[kid] }
    func holds(_ kid: String) -> Bool { verification.index(forKey: kid) != nil }
}
