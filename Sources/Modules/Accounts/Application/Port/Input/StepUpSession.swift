import AccountsContract
import AccountsDomain
import Shared

package enum StepUpProof: Sendable {
    case confirmation(ConfirmationProof)
    case secondFactor(SecondFactorProof)
}

/// Somebody signed in proves once more who they are.
package struct StepUpSessionCommand: Sendable {
    package let caller: SessionCaller
    package let proof: StepUpProof
    package let client: ClientInfo

    package init(caller: SessionCaller, proof: StepUpProof, client: ClientInfo) {
        self.caller = caller
        self.proof = proof
        self.client = client
    }
}

package enum StepUpSessionOutcome: Sendable {
    /// With an access token that says so.
    case steppedUp(Account, Session, AccessToken)
    case refused(ConfirmationRefusal)
    /// The code of a second factor was wrong, or there is none.
    case wrongSecondFactor
    /// The proof was no second factor, and the account has one.
    case secondFactorNeeded(StepUpDemand)
    /// The caller's session ended meanwhile.
    case signedOut
}
