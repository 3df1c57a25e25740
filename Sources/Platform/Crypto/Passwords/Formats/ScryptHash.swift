import Shared

/// An scrypt hash (RFC 7914), in the format of crypt(5), `$7$`, or the modular one of passlib, `$scrypt$`.
struct ScryptHash {
    /// In bytes: 128 × N × r. OWASP's first recommendation needs half of it.
    static let memoryMax = 256 << 20
    /// N × r × p: about two seconds of one core.
    static let workMax = 1 << 22
    /// Of a derived key in bytes: shorter ones would match by chance.
    static let keyByteCounts = 16...128

    /// Binary logarithm of N.
    let costLog: Int
    let blockSize: Int
    let parallelism: Int
    let salt: [UInt8]
    let key: [UInt8]

    private init(
        costLog: Int, blockSize: Int, parallelism: Int, salt: [UInt8], key: [UInt8]
    ) throws(PasswordHashProblem) {
        // RFC 7914 § 2: N is less than 2^(16 × r).
        guard costLog >= 1, blockSize >= 1, parallelism >= 1, costLog < 16 * blockSize,
            Self.keyByteCounts.contains(key.count)
        else { throw .damaged(.scrypt) }
        guard costLog <= 24, blockSize <= 1 << 20, parallelism <= 1 << 20,
            (blockSize << costLog) * 128 <= Self.memoryMax, (blockSize << costLog) * parallelism <= Self.workMax
        else { throw .tooCostly(.scrypt) }
        self.costLog = costLog
        self.blockSize = blockSize
        self.parallelism = parallelism
        self.salt = salt
        self.key = key
    }

    /// `$7$`, one character N, five r, five p, the salt as it is, `$`, 43 characters of key (libxcrypt, libsodium).
    init(crypt text: String) throws(PasswordHashProblem) {
        let bytes = Array(text.utf8.dropFirst(3))
        guard let last = bytes.lastIndex(of: UInt8(ascii: "$")), last >= 11,
            let costLog = CryptBase64.value(of: bytes[0]), let blockSize = CryptBase64.integer(bytes[1..<6]),
            let parallelism = CryptBase64.integer(bytes[6..<11]),
            let key = CryptBase64.decode(bytes[(last + 1)...]), key.count == 32
        else { throw .damaged(.scrypt) }
        try self.init(
            costLog: costLog, blockSize: blockSize, parallelism: parallelism, salt: Array(bytes[11..<last]), key: key)
    }

    /// N × r × p.
    var work: Int { (blockSize << costLog) * parallelism }

    /// `$scrypt$ln=16,r=8,p=1$<salt>$<key>`, both in base64. Kratos writes N itself: `ln=65536`.
    init(modular text: String) throws(PasswordHashProblem) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, let parameters = PHCParameters(parts[2]), parameters.names == ["ln", "r", "p"],
            let costLog = Self.costLog(parameters.values[0]),
            let salt = PHCParameters.decode(parts[3]), let key = PHCParameters.decode(parts[4])
        else { throw .damaged(.scrypt) }
        try self.init(
            costLog: costLog, blockSize: parameters.values[1], parallelism: parameters.values[2],
            salt: salt, key: key)
    }

    /// No N is below 64 in earnest, and no logarithm of one above 63.
    private static func costLog(_ number: Int) -> Int? {
        guard number >= 64 else { return number }
        return number.nonzeroBitCount == 1 ? number.trailingZeroBitCount : nil
    }

    func verify(_ password: [UInt8]) throws -> Bool {
        let derived = try PasswordKDF.scrypt(
            password, salt: salt, costLog: costLog, blockSize: blockSize, parallelism: parallelism, count: key.count)
        return constantTimeEqual(derived, key)
    }
}
