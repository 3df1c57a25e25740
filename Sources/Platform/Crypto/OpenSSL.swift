internal import COpenSSL
import Shared

/// What the wrappers of libcrypto share.
enum OpenSSL {
    /// Algorithms are fetched once: a fetch searches the providers under a lock and costs more than a short digest.
    static let sha256 = Algorithm(EVP_MD_fetch(nil, "SHA256", nil), "SHA256")
    static let sha512 = Algorithm(EVP_MD_fetch(nil, "SHA512", nil), "SHA512")
    static let hmac = Algorithm(EVP_MAC_fetch(nil, "HMAC", nil), "HMAC")
    static let hkdf = Algorithm(EVP_KDF_fetch(nil, "HKDF", nil), "HKDF")
    static let aes256GCM = Algorithm(EVP_CIPHER_fetch(nil, "AES-256-GCM", nil), "AES-256-GCM")

    /// A fetched algorithm, kept for the life of the process.
    // Sendable: a fetched method is never changed, and its reference count is atomic.
    struct Algorithm: @unchecked Sendable {
        let handle: OpaquePointer

        init(_ handle: OpaquePointer?, _ name: StaticString) {
            guard let handle else { preconditionFailure("libcrypto offers no \(name): its installation is broken") }
            self.handle = handle
        }
    }

    /// Why the call just made on this thread failed, as an error for the log. Empties the thread's error queue.
    static func failure(_ function: StaticString) -> InternalFailure {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0 else { return InternalFailure("\(function) failed") }
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(code, &text, text.count)
        let reason = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return InternalFailure("\(function) failed: \(reason)")
    }
}
