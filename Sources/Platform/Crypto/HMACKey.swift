internal import COpenSSL
import Shared

/// A key for HMAC-SHA-256 (RFC 2104, FIPS 198-1), prepared once and used from any thread.
// Sendable: the keyed context is never changed after init; each use works on a duplicate of its own.
package final class HMACKey: @unchecked Sendable {
    package static let tagByteCount = 32

    private let keyed: OpaquePointer

    /// - Parameter key: of any length; 32 bytes or more for full strength.
    package init(_ key: Secret<[UInt8]>) {
        let context = EVP_MAC_CTX_new(OpenSSL.hmac.handle)
        let done = key.reveal().withBytes { gapura_hmac_sha256_init(context, $0, $1) }
        guard let context, done == 1 else { preconditionFailure("HMAC fails only without memory") }
        keyed = context
    }

    deinit {
        EVP_MAC_CTX_free(keyed)
    }

    /// - Returns: the tag, 32 bytes.
    package func authenticate(_ message: some Collection<UInt8>) -> [UInt8] {
        message.withBytes(authenticate)
    }

    /// Whether `tag` is the message's whole tag; compared in constant time.
    package func verify(_ tag: some Collection<UInt8>, for message: some Collection<UInt8>) -> Bool {
        constantTimeEqual(authenticate(message), tag)
    }

    private func authenticate(_ start: UnsafePointer<UInt8>, _ count: Int) -> [UInt8] {
        let context = EVP_MAC_CTX_dup(keyed)
        defer { EVP_MAC_CTX_free(context) }
        return Array(unsafeUninitializedCapacity: Self.tagByteCount) { tag, initialized in
            let done =
                EVP_MAC_update(context, start, count) == 1
                && EVP_MAC_final(context, tag.baseAddress, &initialized, Self.tagByteCount) == 1
            precondition(done && initialized == Self.tagByteCount, "HMAC fails only without memory")
        }
    }
}
