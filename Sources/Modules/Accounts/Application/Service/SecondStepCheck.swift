import AccountsContract
import AccountsDomain
import Shared

/// Checks what is given for a second step. All tries of an account count together, whatever method and sign-in they are
/// for: five wrong ones in five minutes lock the second step for a quarter of an hour, and the first step stays open.
struct SecondStepCheck: Sendable {
    let oneTimePasswords: any OneTimePasswords
    let recoveryCodes: any RecoveryCodes

    enum Verdict: Sendable {
        case right
        case wrong
        /// Nothing was compared.
        case tooManyAttempts(retryAfter: Duration)
    }

    /// Counts the try, and uses the code up if it is right.
    ///
    /// - Parameter user: locked.
    func callAsFunction(
        _ proof: SecondFactorProof, of user: User, _ client: ClientInfo, at now: Timestamp,
        in context: any AccountsContext
    ) throws -> Verdict {
        try counted(of: user, client, at: now, in: context) { try take(proof, of: user, at: now, in: context) }
    }

    /// The same for whatever is compared.
    func counted(
        of user: User, _ client: ClientInfo, at now: Timestamp, in context: any AccountsContext,
        isRight: () throws -> Bool
    ) throws -> Verdict {
        let limit = CountedAttempt.Limit(key: Self.key(user.id), policy: .secondStep)
        let limits: [CountedAttempt.Limit] = [.network(client, refuses: client.knownDevice == nil), limit]
        let attempt: CountedAttempt
        switch try CountedAttempt.begin(limits, at: now, in: context.signInFailures) {
        case .refused(let delay): return .tooManyAttempts(retryAfter: delay)
        case .counted(let counted): attempt = counted
        }
        if try isRight() {
            try attempt.forgive(in: context.signInFailures)
            return .right
        }
        let outcome = try attempt.fail(at: now, in: context.signInFailures)[limit.key]
        let subject = "user:\(user.id)"
        try context.audit(
            .refused("mfa.check", because: "invalid_code", by: "anonymous", on: subject, personal: client.personal))
        if outcome?.isLocked == true {
            try context.publish(MFALocked(userID: user.id))
            try context.audit(.done("mfa.locked", by: "system", on: subject, personal: client.personal))
        }
        return .wrong
    }

    private func take(
        _ proof: SecondFactorProof, of user: User, at now: Timestamp, in context: any AccountsContext
    ) throws -> Bool {
        switch proof {
        case .totp(let code):
            for factor in try context.totpFactors.all(of: user.id) where factor.isConfirmed {
                guard let step = try oneTimePasswords.step(of: code, by: factor, at: now) else { continue }
                if try context.totpFactors.take(step: step, of: factor.id, at: now) { return true }
            }
            return false
        case .recoveryCode(let code):
            // They take the place of a factor and are none.
            guard try context.hasFactor(user),
                try recoveryCodes.hashes(of: code, of: user.id).contains(where: {
                    try context.recoveryCodes.use($0, of: user.id, at: now)
                })
            else { return false }
            let left = try context.recoveryCodes.left(of: user.id)
            try context.publish(RecoveryCodeUsed(userID: user.id, left: left))
            try context.audit(.done("recovery_code.used", by: "user:\(user.id)", on: "user:\(user.id)"))
            return true
        }
    }

    static func key(_ id: UserID) -> String { "second_step:\(id)" }
}
