internal import COpenSSL

/// The digest SHA-256 (FIPS 180-4).
package enum SHA256 {
    package static let byteCount = 32

    /// - Returns: 32 bytes.
    package static func hash(_ bytes: some Collection<UInt8>) -> [UInt8] {
        bytes.withBytes { hash($0, $1) }
    }

    /// The same without the generic machinery.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBufferPointer { hash($0.baseAddress, $0.count) }
    }

    /// The same as a value that is quick to find in a table.
    package static func digest(_ bytes: Span<UInt8>) -> Digest {
        var words = InlineArray<4, UInt64>(repeating: 0)
        var span = words.mutableSpan
        let done = span.withUnsafeMutableBytes { words in
            bytes.withUnsafeBufferPointer { bytes in
                EVP_Digest(bytes.baseAddress, bytes.count, words.baseAddress, nil, OpenSSL.sha256.handle, nil)
            }
        }
        precondition(done == 1, "SHA-256 fails only without memory")
        return Digest(words)
    }

    /// 32 bytes in four words. Not compared in constant time: for keys of tables, never for secrets.
    package struct Digest: Hashable, Sendable {
        private let words: InlineArray<4, UInt64>

        fileprivate init(_ words: InlineArray<4, UInt64>) { self.words = words }

        package static func == (left: Digest, right: Digest) -> Bool {
            left.words[0] == right.words[0] && left.words[1] == right.words[1] && left.words[2] == right.words[2]
                && left.words[3] == right.words[3]
        }

        /// Any part of a digest is as good as the whole.
        package func hash(into hasher: inout Hasher) { hasher.combine(words[0]) }
    }

    private static func hash(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
        Array(unsafeUninitializedCapacity: byteCount) { digest, initialized in
            let done = EVP_Digest(start, count, digest.baseAddress, nil, OpenSSL.sha256.handle, nil)
            precondition(done == 1, "SHA-256 fails only without memory")
            initialized = byteCount
        }
    }
}
