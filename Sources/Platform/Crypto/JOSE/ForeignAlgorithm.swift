/// What a token of another issuer may be signed with (RFC 7518 § 3.1, RFC 8037 § 3.1). `none` is not among them.
package enum ForeignAlgorithm: String, Sendable, CaseIterable {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    case rs256 = "RS256"
    /// RSASSA-PSS with SHA-256, MGF1 and a salt as long as the digest.
    case ps256 = "PS256"
    /// ECDSA on P-256 with SHA-256.
    case es256 = "ES256"
    /// Ed25519.
    case edDSA = "EdDSA"
    /// HMAC with SHA-256: whoever verifies can also sign.
    case hs256 = "HS256"

    /// The hash that belongs to it, as `at_hash` of an id_token takes it (OpenID Connect Core 1.0 § 3.1.3.6).
    package func digest(_ bytes: some Collection<UInt8>) -> [UInt8] {
        self == .edDSA ? SHA512.hash(bytes) : SHA256.hash(bytes)
    }
}
