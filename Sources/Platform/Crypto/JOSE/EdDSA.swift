internal import COpenSSL
internal import CSodium
import Shared

/// Ed25519 (RFC 8032) as `EdDSA` with the curve `Ed25519` (RFC 8037).
enum EdDSA: KeyPairAlgorithm {
    static let algorithm = SigningAlgorithm.edDSA
    static let keyType = "ED25519"
    private static let publicByteCount = 32

    static func generate() throws -> EVPKey {
        guard let key = gapura_generate_ed25519() else { throw OpenSSL.failure("EVP_PKEY_Q_keygen") }
        return EVPKey(owning: key)
    }

    static func check(_ key: EVPKey) throws {
        guard key.isA(keyType) else { throw SigningKeyError.unsupported }
    }

    static func sign(_ message: [UInt8], with key: EVPKey) throws -> [UInt8] {
        try key.sign(message, digest: nil)
    }

    static func verify(_ signature: [UInt8], for message: some Collection<UInt8>, with key: EVPKey) -> Bool {
        key.verify(signature, for: message, digest: nil)
    }

    static func publicMembers(of key: EVPKey) throws -> [(String, String)] {
        var bytes = [UInt8](repeating: 0, count: publicByteCount)
        var count = bytes.count
        guard EVP_PKEY_get_raw_public_key(key.handle, &bytes, &count) == 1, count == publicByteCount else {
            throw OpenSSL.failure("EVP_PKEY_get_raw_public_key")
        }
        return [("crv", "Ed25519"), ("kty", "OKP"), ("x", Base64URL.encode(bytes))]
    }

    static func publicKey(members: (String) -> [UInt8]?) throws -> EVPKey {
        // libcrypto takes every point. Under one of small order a signature can be made without the private key, and one
        // that is written in another way would have two names.
        guard let x = members("x"), x.count == publicByteCount, crypto_core_ed25519_is_valid_point(x) == 1,
            let key = EVP_PKEY_new_raw_public_key_ex(nil, keyType, nil, x, x.count)
        else {
            ERR_clear_error()
            throw SigningKeyError.unreadable
        }
        return EVPKey(owning: key)
    }
}
