import AccountsApplication

/// Why an id_token is not believed. The raw values are stable: they stand in the log.
enum IDTokenFlaw: String, Error, Sendable, CaseIterable {
    /// Over 16 KiB.
    case oversized
    /// Not three parts of Base64url with two JSON objects; an encrypted one too.
    case malformed
    /// `alg` is not in the provider's list; `none` always.
    case algorithm
    /// `crit` asks for something that is not understood.
    case criticalHeader = "critical_header"
    case unknownKey = "unknown_key"
    /// The key is not for `alg`.
    case keyAlgorithm = "key_algorithm"
    case signature
    case issuer
    case audience
    case authorizedParty = "authorized_party"
    case expired
    /// `exp` or `iat` is missing, or one of the times is no number.
    case times
    /// `iat` or `nbf` is ahead.
    case notYetValid = "not_yet_valid"
    /// `iat` is too long ago.
    case tooOld = "too_old"
    case nonce
    case accessTokenHash = "at_hash"
    case authenticationTime = "auth_time"
    case subject

    var fault: ProviderFault { .rejected(reason: "id_token_\(rawValue)") }
}
