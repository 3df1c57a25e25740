/// Why a password may not be set.
package enum PasswordWeakness: Error, Sendable, Equatable {
    case tooShort
    case tooLong
    case sameAsAddress
    /// Among those that attackers try first.
    case common
}
