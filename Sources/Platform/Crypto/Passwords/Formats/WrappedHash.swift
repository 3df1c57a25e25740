import Shared

/// A hash as other systems write it, with a name of their own in front, taken out of it.
struct WrappedHash {
    let hash: String
    let bcryptInput: BcryptHash.Input

    /// - Parameter text: also a hash with nothing in front.
    init(_ text: String) {
        for (prefix, kept, input) in Self.prefixes where text.hasPrefix(prefix + kept) {
            hash = String(text.dropFirst(prefix.count))
            bcryptInput = input
            return
        }
        hash = text
        bcryptInput = .password
    }

    /// What goes, what must follow it, and what a bcrypt hash behind it is of.
    private static let prefixes: [(String, String, BcryptHash.Input)] = [
        // Spring's DelegatingPasswordEncoder.
        ("{bcrypt}", "$2", .password), ("{argon2}", "$argon2", .password),
        ("{argon2@SpringSecurity_v5_8}", "$argon2", .password),
        // Django's hashers.
        ("argon2", "$argon2", .password), ("bcrypt$", "$2", .password), ("bcrypt_sha256$", "$2", .sha256),
        // WordPress from 6.8 on.
        ("$wp", "$2", .wordPress),
    ]
}
