internal import COpenSSL
import Shared

/// Keys from passwords by libcrypto, to verify hashes that were made elsewhere. Blocks its thread.
enum PasswordKDF {
    private static let scryptAlgorithm = OpenSSL.Algorithm(EVP_KDF_fetch(nil, "SCRYPT", nil), "SCRYPT")
    private static let pbkdf2Algorithm = OpenSSL.Algorithm(EVP_KDF_fetch(nil, "PBKDF2", nil), "PBKDF2")

    /// RFC 7914.
    ///
    /// - Throws: `Unavailable`: within the bounds of `ScryptHash` it fails only without memory.
    static func scrypt(
        _ password: [UInt8], salt: [UInt8], costLog: Int, blockSize: Int, parallelism: Int, count: Int
    ) throws -> [UInt8] {
        try derive(scryptAlgorithm, count) { context, out in
            password.withBytes { password, passwordCount in
                salt.withBytes { salt, saltCount in
                    gapura_scrypt(
                        context, password, passwordCount, salt, saltCount, 1 << UInt64(costLog), UInt32(blockSize),
                        UInt32(parallelism), out, count)
                }
            }
        }
    }

    /// RFC 8018 § 5.2.
    ///
    /// - Throws: `Unavailable`: it fails only without memory.
    static func pbkdf2(
        _ password: [UInt8], salt: [UInt8], digest: PBKDF2Hash.Digest, iterations: Int, count: Int
    ) throws -> [UInt8] {
        try derive(pbkdf2Algorithm, count) { context, out in
            password.withBytes { password, passwordCount in
                salt.withBytes { salt, saltCount in
                    gapura_pbkdf2(
                        context, digest.rawValue, password, passwordCount, salt, saltCount, UInt64(iterations), out,
                        count)
                }
            }
        }
    }

    /// RFC 2104: 48 bytes.
    static func hmacSHA384(_ bytes: [UInt8], key: StaticString) throws -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: 48)
        var count = 0
        let done = bytes.withBytes { start, byteCount in
            EVP_Q_mac(
                nil, "HMAC", nil, "SHA384", nil, key.utf8Start, key.utf8CodeUnitCount, start, byteCount, &tag,
                tag.count,
                &count)
        }
        guard done != nil, count == tag.count else { throw OpenSSL.failure("EVP_Q_mac") }
        return tag
    }

    private static func derive(
        _ algorithm: OpenSSL.Algorithm, _ count: Int,
        _ body: (OpaquePointer, UnsafeMutablePointer<UInt8>?) -> Int32
    ) throws -> [UInt8] {
        guard let context = EVP_KDF_CTX_new(algorithm.handle) else { throw OpenSSL.failure("EVP_KDF_CTX_new") }
        defer { EVP_KDF_CTX_free(context) }
        var derived = [UInt8](repeating: 0, count: count)
        let done = derived.withUnsafeMutableBufferPointer { body(context, $0.baseAddress) }
        guard done == 1 else {
            throw Unavailable("password_hashing", reason: OpenSSL.failure("EVP_KDF_derive").description)
        }
        return derived
    }
}
