internal import COpenSSL

/// The digest SHA-512 (FIPS 180-4).
package enum SHA512 {
    package static let byteCount = 64

    /// - Returns: 64 bytes.
    package static func hash(_ bytes: some Collection<UInt8>) -> [UInt8] {
        bytes.withBytes { start, count in
            Array(unsafeUninitializedCapacity: byteCount) { digest, initialized in
                let done = EVP_Digest(start, count, digest.baseAddress, nil, OpenSSL.sha512.handle, nil)
                precondition(done == 1, "SHA-512 fails only without memory")
                initialized = byteCount
            }
        }
    }
}
