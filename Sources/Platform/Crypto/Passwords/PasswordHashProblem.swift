/// Why a stored hash cannot be used. Never quotes the hash.
package enum PasswordHashProblem: Error, Sendable, Equatable {
    /// Of no format that is read here.
    case unknownFormat
    /// Named like a known format, but not readable as one.
    case damaged(PasswordHashFormat)
    /// More work or memory than one sign-in may take.
    case tooCostly(PasswordHashFormat)
}

/// The formats that are read.
package enum PasswordHashFormat: String, Sendable, CaseIterable {
    case argon2 = "Argon2"
    case bcrypt
    case scrypt
    case pbkdf2 = "PBKDF2"
}

extension PasswordHashProblem: CustomStringConvertible {
    /// In words that go after "the hash".
    package var description: String {
        switch self {
        case .unknownFormat: "is of no known format (Argon2id, bcrypt, scrypt or PBKDF2)"
        case .damaged(let format): "is not a readable \(format.rawValue) hash"
        case .tooCostly(let format): "asks for more work or memory than a \(format.rawValue) hash may"
        }
    }
}
