internal import COpenSSL
import Shared

/// A key pair or public key of libcrypto.
// Sendable: never changed after init; libcrypto counts references atomically and locks what it caches in a key, and
// each signature has a context of its own (openssl-threads(7)).
final class EVPKey: @unchecked Sendable {
    let handle: OpaquePointer

    /// Takes over the reference.
    init(owning handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        EVP_PKEY_free(handle)
    }

    func isA(_ type: String) -> Bool { EVP_PKEY_is_a(handle, type) == 1 }

    var bits: Int { Int(EVP_PKEY_get_bits(handle)) }

    /// - Parameter digest: nil for algorithms that hash by themselves.
    func sign(_ message: [UInt8], digest: OpaquePointer?) throws -> [UInt8] {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestSignInit(context, nil, digest, nil, handle) == 1 else {
            throw OpenSSL.failure("EVP_DigestSignInit")
        }
        let countMax = Int(EVP_PKEY_get_size(handle))
        return try [UInt8](unsafeUninitializedCapacity: countMax) { signature, initialized in
            var count = countMax
            let done = message.withBytes { EVP_DigestSign(context, signature.baseAddress, &count, $0, $1) }
            guard done == 1 else { throw OpenSSL.failure("EVP_DigestSign") }
            initialized = count
        }
    }

    /// - Parameter isPSS: for RSA: the padding is PSS, its salt as long as the digest.
    func verify(
        _ signature: [UInt8], for message: some Collection<UInt8>, digest: OpaquePointer?, isPSS: Bool = false
    ) -> Bool {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var options: OpaquePointer?
        guard EVP_DigestVerifyInit(context, &options, digest, nil, handle) == 1,
            !isPSS
                || EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1
                    && EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1
        else {
            ERR_clear_error()
            return false
        }
        let result = message.withBytes { start, count in
            signature.withBytes { EVP_DigestVerify(context, $0, $1, start, count) }
        }
        if result != 1 { ERR_clear_error() }
        return result == 1
    }

    /// A number of the key, big-endian.
    ///
    /// - Parameter count: how many bytes; nil for as few as it needs.
    func number(_ name: String, count: Int? = nil) throws -> [UInt8] {
        var number: OpaquePointer?
        defer { BN_clear_free(number) }
        guard EVP_PKEY_get_bn_param(handle, name, &number) == 1 else { throw OpenSSL.failure("EVP_PKEY_get_bn_param") }
        var bytes = [UInt8](repeating: 0, count: count ?? Int(BN_num_bits(number) + 7) / 8)
        guard BN_bn2binpad(number, &bytes, Int32(bytes.count)) == Int32(bytes.count) else {
            throw OpenSSL.failure("BN_bn2binpad")
        }
        return bytes
    }
}
