import Shared

/// A stored hash of any format that is read, taken apart and within its bounds.
enum StoredHash {
    case argon2(Argon2Hash)
    case bcrypt(BcryptHash)
    case scrypt(ScryptHash)
    case pbkdf2(PBKDF2Hash)

    /// What an imported Argon2 hash may ask for; our own may be as costly as the operator wants. The work is memory
    /// times iterations: about two seconds of one core.
    private static let importedArgon2 = (memoryKibibytesMax: 256 << 10, workMax: 1 << 20)

    init(_ text: String) throws(PasswordHashProblem) {
        // U+0000 would cut the text in C, and canonical equivalence is not equality of bytes.
        guard text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else { throw .unknownFormat }
        let wrapped = WrappedHash(text)
        let text = wrapped.hash
        switch text.formatName {
        case "2a", "2b", "2y": self = .bcrypt(try BcryptHash(text, of: wrapped.bcryptInput))
        // What others put in front of bcrypt is known for bcrypt only.
        case _ where wrapped.bcryptInput != .password: throw .damaged(.bcrypt)
        case "argon2id", "argon2i":
            guard let hash = Argon2Hash(text) else { throw .damaged(.argon2) }
            guard hash.memoryKibibytes << 10 <= Argon2Cost.memoryRange.upperBound else { throw .tooCostly(.argon2) }
            self = .argon2(hash)
        case "7": self = .scrypt(try ScryptHash(crypt: text))
        case "scrypt": self = .scrypt(try ScryptHash(modular: text))
        case "pbkdf2-sha256", "pbkdf2-sha512": self = .pbkdf2(try PBKDF2Hash(modular: text))
        case "pbkdf2_sha256", "pbkdf2_sha512": self = .pbkdf2(try PBKDF2Hash(django: text))
        default: throw .unknownFormat
        }
    }

    /// Returns if a hash from elsewhere may be taken; the other formats have the same bounds wherever they come from.
    func checkImport() throws(PasswordHashProblem) {
        switch self {
        case .argon2(let hash):
            let limit = Self.importedArgon2
            guard hash.memoryKibibytes <= limit.memoryKibibytesMax, hash.iterations <= limit.workMax,
                hash.memoryKibibytes * hash.iterations <= limit.workMax
            else { throw .tooCostly(.argon2) }
        case .pbkdf2(let hash):
            guard hash.iterations <= hash.digest.importedIterationsMax else { throw .tooCostly(.pbkdf2) }
        case .bcrypt, .scrypt:
            break
        }
    }

    /// Whether one comparison takes about half a second of one core or more.
    var isCostly: Bool {
        switch self {
        case .argon2(let hash): hash.memoryKibibytes * hash.iterations >= Self.importedArgon2.workMax / 4
        case .bcrypt(let hash): hash.cost >= BcryptHash.costs.upperBound - 2
        case .scrypt(let hash): hash.work >= ScryptHash.workMax / 4
        case .pbkdf2(let hash): hash.iterations >= hash.digest.importedIterationsMax / 2
        }
    }

    /// Whether it was made of the whole password: bcrypt looks at 72 bytes of it.
    func isOfWhole(_ password: [UInt8]) -> Bool {
        guard case .bcrypt(let hash) = self, hash.input == .password else { return true }
        return password.count <= BcryptHash.passwordByteCountMax
    }

    /// Blocks the thread for as long as the hash's cost says.
    ///
    /// - Throws: `Unavailable` without memory, `InternalFailure`.
    func verify(_ password: [UInt8]) throws -> Bool {
        switch self {
        case .argon2(let hash): try Argon2id.verify(password, against: hash)
        // C's crypt ends a password at its first zero byte, and to HMAC, in scrypt and PBKDF2, zero bytes at the end of
        // a password do not count: no hash from elsewhere is of one with a zero byte.
        case .bcrypt where password.contains(0), .scrypt where password.contains(0), .pbkdf2 where password.contains(0):
            false
        case .bcrypt(let hash): try hash.verify(password)
        case .scrypt(let hash): try hash.verify(password)
        case .pbkdf2(let hash): try hash.verify(password)
        }
    }
}

extension String {
    /// What the modular crypt format names between its first dollar signs, or Django before its first.
    fileprivate var formatName: String {
        let parts = split(separator: "$", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return "" }
        return String(parts[0].isEmpty ? parts[1] : parts[0])
    }
}
