import AccountsContract
import AccountsDomain
import Shared

/// What protects an account beside its first step.
package struct FactorOverview: Sendable {
    /// Confirmed ones, the oldest first.
    package let factors: [TOTPFactor]
    package let asksForPasskey: Bool
    package let recoveryCodesLeft: Int

    package init(factors: [TOTPFactor], asksForPasskey: Bool, recoveryCodesLeft: Int) {
        self.factors = factors
        self.asksForPasskey = asksForPasskey
        self.recoveryCodesLeft = recoveryCodesLeft
    }
}

package enum AddFactorOutcome: Sendable {
    case waiting(TOTPFactor, TOTPEnrolment)
    case tooMany
    case signedOut
}

package struct ConfirmFactorCommand: Sendable {
    package let id: FactorID
    package let proof: SecondFactorProof
    package let caller: SessionCaller
    package let client: ClientInfo

    package init(id: FactorID, proof: SecondFactorProof, caller: SessionCaller, client: ClientInfo) {
        self.id = id
        self.proof = proof
        self.caller = caller
        self.client = client
    }
}

package enum ConfirmFactorOutcome: Sendable {
    /// - Parameter recoveryCodes: the account had none, so these are new; empty if it had.
    case confirmed(TOTPFactor, recoveryCodes: [Secret<String>])
    /// There is none that waits.
    case unknown
    case wrong
    case tooManyAttempts(retryAfter: Duration)
    case signedOut
}

package enum RemoveFactorOutcome: Sendable, Equatable {
    case removed
    case unknown
    /// It is the last one, and this account must have one.
    case requiredByPolicy
}

package enum NewRecoveryCodesOutcome: Sendable {
    case made([Secret<String>])
    /// There is no factor whose place they could take.
    case noFactor
}
