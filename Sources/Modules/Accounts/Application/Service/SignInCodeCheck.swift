import AccountsContract
import AccountsDomain
import Shared

/// Checks the digits of a mailed code: one live code per account, single use, a bounded number of guesses
/// by the owner's devices and by all others.
struct SignInCodeCheck: Sendable {
    let signer: any ValidationTokenSigner

    /// Counts the guess, and uses the code up if it is right.
    ///
    /// - Parameter user: locked.
    func isRight(
        _ digits: Secret<String>, for user: User, by guesser: SignInCode.Guesser, at now: Timestamp,
        in context: any AccountsContext
    ) throws -> Bool {
        let day = now - .seconds(86_400)
        guard var code = try context.signInCodes.latest(of: user.id, at: now), code.isOpen(at: now, to: guesser),
            code.address == user.email,
            try context.signInCodes.attempts(of: user.id, by: guesser, since: day, at: now) < SignInCode.attemptsPerDayMax
        else { return false }
        code.countGuess(by: guesser)
        let isRight = constantTimeEqual(signer.digits(of: code), digits.reveal())
        if isRight { code.usedAt = now }
        try context.signInCodes.update(code)
        return isRight
    }

    /// Both are short; the time does not tell how many digits agree.
    private func constantTimeEqual(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return zip(left.utf8, right.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
