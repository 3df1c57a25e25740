internal import CSodium
import Glibc
import Shared

/// Argon2id hashes in the PHC string format, by libsodium. Each call blocks its thread for as long as the cost says.
enum Argon2id {
    private static let isReady = sodium_init() >= 0

    /// - Throws: `Unavailable` without memory, `InternalFailure`.
    static func hash(_ password: [UInt8], cost: Argon2Cost) throws -> String {
        guard isReady else { throw InternalFailure("sodium_init failed") }
        var text = [CChar](repeating: 0, count: Int(crypto_pwhash_strbytes()))
        errno = 0
        let done = password.withBytes { start, count in
            start.withMemoryRebound(to: CChar.self, capacity: count) {
                crypto_pwhash_str_alg(
                    &text, $0, UInt64(count), UInt64(cost.iterations), cost.memory.bytes, crypto_pwhash_alg_argon2id13()
                )
            }
        }
        guard done == 0 else { throw failure("crypto_pwhash_str_alg", errno) }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Takes any lanes, and Argon2i too.
    ///
    /// - Throws: `Unavailable` without memory, `InternalFailure` if the hash is not readable or asks for more than the
    ///   largest cost.
    static func verify(_ password: [UInt8], against hash: String) throws -> Bool {
        guard isReady else { throw InternalFailure("sodium_init failed") }
        guard let memory = memoryKibibytes(of: hash), memory << 10 <= Argon2Cost.memoryRange.upperBound else {
            throw InternalFailure("a stored password hash is not a readable Argon2 hash")
        }
        errno = 0
        let done = password.withBytes { start, count in
            start.withMemoryRebound(to: CChar.self, capacity: count) {
                crypto_pwhash_str_verify(hash, $0, UInt64(count))
            }
        }
        // The library tells a wrong password from a failure by errno only.
        switch (done, errno) {
        case (0, _): return true
        case (_, EINVAL): return false
        case (_, let code): throw failure("crypto_pwhash_str_verify", code)
        }
    }

    /// A hash of no password: verifying against it costs what a real verification does, and always fails.
    static func unmatchable(cost: Argon2Cost, random: some RandomSource) -> String {
        let salt = encode(random.bytes(16))
        let digest = encode(random.bytes(32))
        return "\(prefix(for: cost))\(salt)$\(digest)"
    }

    /// How every hash made at this cost starts.
    static func prefix(for cost: Argon2Cost) -> String {
        "$argon2id$v=19$m=\(cost.memory.bytes >> 10),t=\(cost.iterations),p=1$"
    }

    private static func memoryKibibytes(of hash: String) -> Int? {
        let parts = hash.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[1] == "argon2id" || parts[1] == "argon2i", !hash.utf8.contains(0) else {
            return nil
        }
        let memory = parts[3].split(separator: ",").first { $0.hasPrefix("m=") }
        return memory.flatMap { UInt32($0.dropFirst(2)) }.map { Int($0) }
    }

    /// Standard base64 without padding, as PHC strings have it.
    private static func encode(_ bytes: [UInt8]) -> String {
        let text = Base64URL.encodeBytes(bytes).map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func failure(_ function: StaticString, _ code: Int32) -> any Error {
        if code == ENOMEM { return Unavailable("password_hashing", reason: "not enough memory for Argon2id") }
        return InternalFailure("\(function) failed with errno \(code)")
    }
}
