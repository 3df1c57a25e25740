/// The JOSE signature algorithms that Gapura uses (RFC 7518 § 3.1, RFC 8037 § 3.1). `none` is not among them.
package enum SigningAlgorithm: String, Sendable, CaseIterable {
    /// ECDSA on P-256 with SHA-256.
    case es256 = "ES256"
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    case rs256 = "RS256"
    /// Ed25519.
    case edDSA = "EdDSA"
    /// HMAC with SHA-256: who verifies can also sign.
    case hs256 = "HS256"

    /// Whether whoever verifies can sign too.
    package var isSymmetric: Bool { self == .hs256 }

    /// The algorithm's operations on a key pair; nil for HS256, which has none.
    var keyPair: (any KeyPairAlgorithm.Type)? {
        switch self {
        case .es256: ES256.self
        case .rs256: RS256.self
        case .edDSA: EdDSA.self
        case .hs256: nil
        }
    }
}

/// What an algorithm with a key pair does; one file per algorithm.
protocol KeyPairAlgorithm: SendableMetatype {
    static var algorithm: SigningAlgorithm { get }

    /// libcrypto's name for the type of key.
    static var keyType: String { get }

    static func generate() throws -> EVPKey

    /// - Throws: `SigningKeyError` if the key is of another type or too weak.
    static func check(_ key: EVPKey) throws

    static func sign(_ message: [UInt8], with key: EVPKey) throws -> [UInt8]
    static func verify(_ signature: [UInt8], for message: some Collection<UInt8>, with key: EVPKey) -> Bool

    /// The members that say the public key and no more (RFC 7518 § 6, RFC 8037 § 2), sorted by name: what a
    /// thumbprint is taken of.
    static func publicMembers(of key: EVPKey) throws -> [(String, String)]

    /// - Throws: `SigningKeyError` if the members are not a sound public key.
    static func publicKey(members: (String) -> [UInt8]?) throws -> EVPKey
}
