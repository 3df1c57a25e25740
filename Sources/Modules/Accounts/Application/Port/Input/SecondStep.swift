import AccountsContract
import AccountsDomain
import Shared

package struct SecondStepCommand: Sendable {
    /// That the first step gave.
    package let token: Secret<String>
    package let proof: SecondFactorProof
    package let client: ClientInfo

    package init(token: Secret<String>, proof: SecondFactorProof, client: ClientInfo) {
        self.token = token
        self.proof = proof
        self.client = client
    }
}

package enum SecondStepOutcome: Sendable {
    case signedIn(SignedIn, SignInDestination)
    case refused(SignInRefusal)
    /// Too late, used, used up, or not of this device: the sign-in has to begin again.
    case over
}
