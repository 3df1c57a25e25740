import Shared

/// A PBKDF2 hash (RFC 8018 § 5.2) with HMAC-SHA-256 or HMAC-SHA-512, in the format of Django, of passlib, or PHC's.
struct PBKDF2Hash {
    /// What is read: as much was imported by earlier versions.
    static let iterationsMax = 5_000_000
    /// Of a derived key in bytes: shorter ones would match by chance.
    static let keyByteCounts = 16...128

    enum Digest: String {
        case sha256 = "SHA256"
        case sha512 = "SHA512"

        /// What may be imported: about a second of one core.
        var importedIterationsMax: Int {
            switch self {
            case .sha256: 2_000_000
            case .sha512: 750_000
            }
        }
    }

    let digest: Digest
    let iterations: Int
    let salt: [UInt8]
    let key: [UInt8]

    private init(
        _ name: some StringProtocol, iterations: Int, salt: [UInt8], key: [UInt8]
    ) throws(PasswordHashProblem) {
        guard iterations >= 1, Self.keyByteCounts.contains(key.count), let digest = name.digest else {
            throw .damaged(.pbkdf2)
        }
        guard iterations <= Self.iterationsMax else { throw .tooCostly(.pbkdf2) }
        self.digest = digest
        self.iterations = iterations
        self.salt = salt
        self.key = key
    }

    /// `pbkdf2_sha256$1000000$<salt as it is>$<key in base64>`
    init(django text: String) throws(PasswordHashProblem) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 4, let iterations = DecimalText.integer(parts[1]),
            let key = StandardBase64.decodePadded(parts[3].utf8)
        else { throw .damaged(.pbkdf2) }
        try self.init(parts[0], iterations: iterations, salt: Array(parts[2].utf8), key: key)
    }

    /// passlib's `$pbkdf2-sha256$29000$<salt>$<key>` with `.` for `+`, or PHC's `$pbkdf2-sha256$i=29000[,l=32]$...`.
    init(modular text: String) throws(PasswordHashProblem) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, let salt = PHCParameters.decode(parts[3]), let key = PHCParameters.decode(parts[4]),
            let iterations = Self.iterations(parts[2], keyByteCount: key.count)
        else { throw .damaged(.pbkdf2) }
        try self.init(parts[1], iterations: iterations, salt: salt, key: key)
    }

    private static func iterations(_ text: Substring, keyByteCount: Int) -> Int? {
        if let iterations = DecimalText.integer(text) { return iterations }
        guard let parameters = PHCParameters(text) else { return nil }
        switch parameters.names {
        case ["i"]: return parameters.values[0]
        case ["i", "l"] where parameters.values[1] == keyByteCount: return parameters.values[0]
        default: return nil
        }
    }

    func verify(_ password: [UInt8]) throws -> Bool {
        let derived = try PasswordKDF.pbkdf2(
            password, salt: salt, digest: digest, iterations: iterations, count: key.count)
        return constantTimeEqual(derived, key)
    }
}

extension StringProtocol {
    fileprivate var digest: PBKDF2Hash.Digest? {
        hasSuffix("sha256") ? .sha256 : hasSuffix("sha512") ? .sha512 : nil
    }
}
