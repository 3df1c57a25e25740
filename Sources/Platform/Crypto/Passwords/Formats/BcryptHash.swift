internal import CCrypt
import Glibc
import Shared

/// A bcrypt hash of crypt(5), `$2b$12$<22 characters of salt><31 of digest>`, verified by libxcrypt. `$2a$` and `$2y$`
/// are the same algorithm; `$2x$` repeats a defect and is not taken.
struct BcryptHash {
    /// Binary logarithm of the rounds: 15 are about two seconds of one core.
    static let costs = 4...15
    /// More of a password than this no implementation of bcrypt looks at.
    static let passwordByteCountMax = 72
    private static let byteCount = 60
    private static let digestByteCount = 31

    /// What was hashed.
    enum Input {
        case password
        /// The password's SHA-256 in hexadecimal: Django's `bcrypt_sha256`.
        case sha256
        /// The password's HMAC-SHA-384 by a fixed key in base64: `wp_hash_password` of WordPress.
        case wordPress
    }

    let cost: Int
    let input: Input
    private let setting: String

    init(_ text: String, of input: Input = .password) throws(PasswordHashProblem) {
        let bytes = Array(text.utf8)
        guard bytes.count == Self.byteCount, bytes[3] == UInt8(ascii: "$"), bytes[6] == UInt8(ascii: "$"),
            bytes[7...].allSatisfy({ CryptBase64.value(of: $0) != nil }),
            let cost = DecimalText.integer(text.dropFirst(4).prefix(2), allowsLeadingZero: true)
        else { throw .damaged(.bcrypt) }
        guard cost >= Self.costs.lowerBound else { throw .damaged(.bcrypt) }
        guard cost <= Self.costs.upperBound else { throw .tooCostly(.bcrypt) }
        self.cost = cost
        self.input = input
        setting = text
    }

    /// - Parameter password: without a zero byte, which would end it.
    /// - Throws: `Unavailable` without memory, `InternalFailure` if libxcrypt refuses the hash.
    func verify(_ password: [UInt8]) throws -> Bool {
        let phrase = try hashed(password).prefix(Self.passwordByteCountMax) + [0]
        let data = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
        let size = MemoryLayout<crypt_data>.size
        memset(data, 0, size)
        defer {
            explicit_bzero(data, size)
            data.deallocate()
        }
        errno = 0
        let result = Array(phrase).withUnsafeBytes { phrase in
            crypt_rn(phrase.assumingMemoryBound(to: CChar.self).baseAddress, setting, data, Int32(size))
        }
        guard let result else {
            let code = errno
            if code == ENOMEM { throw Unavailable("password_hashing", reason: "not enough memory for bcrypt") }
            throw InternalFailure("crypt_rn failed with errno \(code)")
        }
        // The last character of the salt has bits that do not count and are written anew, so only digests compare.
        let computed = String(cString: result).utf8.suffix(Self.digestByteCount)
        return constantTimeEqual(computed, setting.utf8.suffix(Self.digestByteCount))
    }

    private func hashed(_ password: [UInt8]) throws -> [UInt8] {
        switch input {
        case .password: password
        case .sha256: Array(Hex.encode(SHA256.hash(password)).utf8)
        case .wordPress: Array(StandardBase64.encode(try PasswordKDF.hmacSHA384(password, key: "wp-sha384")).utf8)
        }
    }
}
