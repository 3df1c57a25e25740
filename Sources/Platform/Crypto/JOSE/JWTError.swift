/// Why a token is refused. The raw values are stable: they stand in logs, metrics and answers.
package enum JWTError: String, Error, Sendable, CaseIterable {
    /// Not three parts of strict base64url, not two strict JSON objects, or a member of the wrong type; `alg`, `kid` or `exp`
    /// is missing.
    case malformed
    case oversized
    /// Not the algorithm of the key; `none` always.
    case algorithm
    case type
    case criticalHeader = "critical_header"
    case unknownKey = "unknown_key"
    case issuer
    case audience
    case expired
    case notYetValid = "not_yet_valid"
    case signature
}
