internal import COpenSSL
import Shared

/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 § 3.3).
enum RS256: KeyPairAlgorithm {
    static let algorithm = SigningAlgorithm.rs256
    static let keyType = "RSA"
    /// Under 2,048 bits is refused by RFC 7518; over 8,192 a verification takes too long to let others choose the key.
    private static let bitsRange = 2_048...8_192

    static func generate() throws -> EVPKey {
        guard let key = gapura_generate_rsa(UInt32(bitsRange.lowerBound)) else { throw OpenSSL.failure("EVP_RSA_gen") }
        return EVPKey(owning: key)
    }

    static func check(_ key: EVPKey) throws {
        guard key.isA(keyType), key.bits <= bitsRange.upperBound else { throw SigningKeyError.unsupported }
        let exponent = try key.number(OSSL_PKEY_PARAM_RSA_E)
        // With 1 everything is its own signature; an even one is no RSA key.
        guard key.bits >= bitsRange.lowerBound, let last = exponent.last, last & 1 == 1, exponent != [1] else {
            throw SigningKeyError.tooWeak
        }
        let modulus = try key.number(OSSL_PKEY_PARAM_RSA_N)
        guard let last = modulus.last, last & 1 == 1, !ROCA.marks(modulus) else { throw SigningKeyError.tooWeak }
    }

    static func sign(_ message: [UInt8], with key: EVPKey) throws -> [UInt8] {
        try key.sign(message, digest: OpenSSL.sha256.handle)
    }

    static func verify(_ signature: [UInt8], for message: some Collection<UInt8>, with key: EVPKey) -> Bool {
        key.verify(signature, for: message, digest: OpenSSL.sha256.handle)
    }

    static func publicMembers(of key: EVPKey) throws -> [(String, String)] {
        let modulus = try key.number(OSSL_PKEY_PARAM_RSA_N)
        let exponent = try key.number(OSSL_PKEY_PARAM_RSA_E)
        return [("e", Base64URL.encode(exponent)), ("kty", "RSA"), ("n", Base64URL.encode(modulus))]
    }

    static func publicKey(members: (String) -> [UInt8]?) throws -> EVPKey {
        // One byte more than the largest modulus, since some writers put a zero in front.
        let modulusMax = bitsRange.upperBound / 8 + 1
        guard let modulus = members("n"), let exponent = members("e"), (1...modulusMax).contains(modulus.count),
            (1...8).contains(exponent.count),
            let key = gapura_rsa_public_key(modulus, Int32(modulus.count), exponent, Int32(exponent.count))
        else {
            ERR_clear_error()
            throw SigningKeyError.unreadable
        }
        return EVPKey(owning: key)
    }
}
