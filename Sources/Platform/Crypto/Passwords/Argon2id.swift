internal import CSodium
import Glibc
import Shared

/// Argon2id hashes in the PHC string format, by libsodium. Each call blocks its thread for as long as the cost says.
enum Argon2id {
    private static let isReady = sodium_init() >= 0
    /// What libsodium's own hashes have.
    private static let saltByteCount = 16
    private static let digestByteCount = 32

    /// - Throws: `Unavailable` without memory, `InternalFailure`.
    static func hash(_ password: [UInt8], cost: Argon2Cost) throws -> String {
        guard isReady else { throw InternalFailure("sodium_init failed") }
        var text = [CChar](repeating: 0, count: Int(crypto_pwhash_strbytes()))
        errno = 0
        let done = withCharacters(of: password) { start, count in
            crypto_pwhash_str_alg(
                &text, start, count, UInt64(cost.iterations), cost.memory.bytes, crypto_pwhash_alg_argon2id13())
        }
        guard done == 0 else { throw failure("crypto_pwhash_str_alg", errno) }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Takes any lanes, and Argon2i too.
    ///
    /// - Throws: `Unavailable` without memory, `InternalFailure`.
    static func verify(_ password: [UInt8], against parts: Argon2Hash) throws -> Bool {
        guard isReady else { throw InternalFailure("sodium_init failed") }
        // crypto_pwhash_str_verify calls a lack of memory a wrong password; for hashes like ours, deriving the digest
        // again tells the two apart.
        if parts.algorithm == "argon2id", parts.lanes == 1, parts.salt.count == saltByteCount,
            parts.digest.count == digestByteCount
        {
            return try constantTimeEqual(digest(of: password, like: parts), parts.digest)
        }
        return try verifyForeign(password, against: parts.text, memory: parts.memoryKibibytes << 10)
    }

    private static func digest(of password: [UInt8], like hash: Argon2Hash) throws -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: hash.digest.count)
        errno = 0
        let done = withCharacters(of: password) { start, count in
            crypto_pwhash(
                &digest, UInt64(digest.count), start, count, hash.salt, UInt64(hash.iterations),
                hash.memoryKibibytes << 10, crypto_pwhash_alg_argon2id13())
        }
        guard done == 0 else { throw failure("crypto_pwhash", errno) }
        return digest
    }

    private static func verifyForeign(_ password: [UInt8], against hash: String, memory: Int) throws -> Bool {
        errno = 0
        let done = withCharacters(of: password) { crypto_pwhash_str_verify(hash, $0, $1) }
        if done == 0 { return true }
        guard errno == EINVAL else { throw failure("crypto_pwhash_str_verify", errno) }
        // The best that can be told from outside: whether that much memory is there now.
        let probe = mmap(nil, memory, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard probe != MAP_FAILED else { throw failure("crypto_pwhash_str_verify", ENOMEM) }
        munmap(probe, memory)
        return false
    }

    /// A hash of no password: verifying against it costs what a real verification does, and always fails.
    static func unmatchable(cost: Argon2Cost, random: some RandomSource) -> String {
        let salt = StandardBase64.encode(random.bytes(saltByteCount))
        let digest = StandardBase64.encode(random.bytes(digestByteCount))
        return "\(prefix(for: cost))\(salt)$\(digest)"
    }

    /// How every hash made at this cost starts.
    static func prefix(for cost: Argon2Cost) -> String {
        "$argon2id$v=19$m=\(cost.memory.bytes >> 10),t=\(cost.iterations),p=1$"
    }

    private static func withCharacters(of bytes: [UInt8], _ body: (UnsafePointer<CChar>, UInt64) -> Int32) -> Int32 {
        bytes.withBytes { start, count in
            start.withMemoryRebound(to: CChar.self, capacity: count) { body($0, UInt64(count)) }
        }
    }

    private static func failure(_ function: StaticString, _ code: Int32) -> any Error {
        if code == ENOMEM { return Unavailable("password_hashing", reason: "not enough memory for Argon2id") }
        return InternalFailure("\(function) failed with errno \(code)")
    }
}
