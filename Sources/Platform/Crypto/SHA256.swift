internal import COpenSSL

/// The digest SHA-256 (FIPS 180-4).
package enum SHA256 {
    package static let byteCount = 32

    /// - Returns: 32 bytes.
    package static func hash(_ bytes: some Collection<UInt8>) -> [UInt8] {
        bytes.withBytes(hash)
    }

    private static func hash(_ start: UnsafePointer<UInt8>, _ count: Int) -> [UInt8] {
        Array(unsafeUninitializedCapacity: byteCount) { digest, initialized in
            let done = EVP_Digest(start, count, digest.baseAddress, nil, OpenSSL.sha256.handle, nil)
            precondition(done == 1, "SHA-256 fails only without memory")
            initialized = byteCount
        }
    }
}
