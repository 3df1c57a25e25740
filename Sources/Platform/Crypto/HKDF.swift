internal import COpenSSL
import Shared

/// Key derivation by HKDF-SHA-256 (RFC 5869).
package enum HKDF {
    /// - Parameters:
    ///   - secret: the input keying material.
    ///   - salt: may be empty.
    ///   - info: what the derived key is for; different texts give independent keys.
    ///   - count: 1 to 8,160 bytes, the most that HKDF-SHA-256 gives.
    package static func derive(
        from secret: Secret<[UInt8]>, salt: [UInt8] = [], info: [UInt8], count: Int
    ) -> Secret<[UInt8]> {
        precondition((1...8_160).contains(count), "HKDF-SHA-256 gives 1 to 8,160 bytes")
        let context = EVP_KDF_CTX_new(OpenSSL.hkdf.handle)
        defer { EVP_KDF_CTX_free(context) }
        let derived = [UInt8](unsafeUninitializedCapacity: count) { out, initialized in
            let done = secret.reveal().withBytes { key, keyCount in
                salt.withBytes { salt, saltCount in
                    info.withBytes { info, infoCount in
                        gapura_hkdf_sha256(
                            context, key, keyCount, salt, saltCount, info, infoCount, out.baseAddress, count)
                    }
                }
            }
            precondition(done == 1, "HKDF fails only without memory")
            initialized = count
        }
        return Secret(derived)
    }
}
