/// Why a key is refused. Never holds a part of it.
package enum SigningKeyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Not in the format that was asked for, or damaged.
    case unreadable
    /// Protected by a pass phrase.
    case encrypted
    /// Of a type, curve or use that is not one of `SigningAlgorithm`, or not the one expected.
    case unsupported
    /// RSA under 2,048 bits, with an exponent or modulus that is none, or that can be factored (ROCA); a secret under 32
    /// bytes.
    case tooWeak
    /// The private and the public part do not belong together.
    case inconsistent

    package var description: String {
        switch self {
        case .unreadable: "the key cannot be read"
        case .encrypted: "the key is protected by a pass phrase"
        case .unsupported: "the key's type is not supported"
        case .tooWeak: "the key is too weak"
        case .inconsistent: "the key's private and public part do not belong together"
        }
    }
}
