import Shared

/// HMAC with SHA-256 as a JOSE algorithm (RFC 7518 § 3.2).
enum HS256 {
    /// The RFC asks for a key at least as long as the digest.
    static let secretByteCountMin = 32

    /// - Throws: `SigningKeyError.tooWeak` if the secret is shorter than 32 bytes.
    static func key(_ secret: Secret<[UInt8]>) throws(SigningKeyError) -> HMACKey {
        guard secret.reveal().count >= secretByteCountMin else { throw .tooWeak }
        return HMACKey(secret)
    }

    /// A name that tells nothing of the secret. What is authenticated here is no JWS, which has no slash.
    static func kid(of key: HMACKey) -> String {
        Base64URL.encode(key.authenticate(Array("gapura/hs256/kid/1".utf8)).prefix(16))
    }
}
