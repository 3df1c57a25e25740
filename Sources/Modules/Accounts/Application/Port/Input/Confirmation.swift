import Shared

/// What a signed-in person proves with once more that the account is theirs.
package enum ConfirmationProof: Sendable {
    case password(Secret<String>)
    /// The digits of a mailed code.
    case code(Secret<String>)
}

/// Why a confirmation was not taken.
package enum ConfirmationRefusal: Sendable, Equatable {
    case wrong
    /// Somebody guesses; nothing was compared.
    case tooManyAttempts(retryAfter: Duration)
}
