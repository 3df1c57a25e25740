import AccountsContract
import AccountsDomain
import Shared

package struct DeactivateAccountCommand: Sendable {
    package let caller: SessionCaller
    package let proof: ConfirmationProof
    package let client: ClientInfo

    package init(caller: SessionCaller, proof: ConfirmationProof, client: ClientInfo) {
        self.caller = caller
        self.proof = proof
        self.client = client
    }
}

package struct ChangePasswordCommand: Sendable {
    package let caller: SessionCaller
    package let proof: ConfirmationProof
    package let new: Password
    package let client: ClientInfo

    package init(caller: SessionCaller, proof: ConfirmationProof, new: Password, client: ClientInfo) {
        self.caller = caller
        self.proof = proof
        self.new = new
        self.client = client
    }
}

package enum ChangePasswordOutcome: Sendable {
    case changed(SignedIn)
    case refused(ChangePasswordRefusal)
}

package enum ChangePasswordRefusal: Sendable, Equatable {
    case confirmation(ConfirmationRefusal)
    case weak(Password.Weakness)
    /// The caller's session ended meanwhile.
    case signedOut
}

package struct ChangeEmailCommand: Sendable {
    package let caller: SessionCaller
    package let email: EmailAddress
    package let proof: ConfirmationProof
    package let client: ClientInfo

    package init(caller: SessionCaller, email: EmailAddress, proof: ConfirmationProof, client: ClientInfo) {
        self.caller = caller
        self.email = email
        self.proof = proof
        self.client = client
    }
}

package enum ChangeEmailOutcome: Sendable, Equatable {
    case mailed
    case refused(ConfirmationRefusal)
    /// It is the account's address already.
    case unchanged
    /// The account has had its mails of this hour.
    case tooManyMails(retryAfter: Duration)
    /// The caller's session ended meanwhile.
    case signedOut
}

package enum ConfirmEmailChangeOutcome: Sendable {
    /// With new tokens for the caller.
    case changed(Account, SignedIn?)
    /// Somebody else has the address by now.
    case taken
    case refused(LinkRefusal)
}

package enum UndoEmailChangeOutcome: Sendable, Equatable {
    /// - Parameter mailsReset: whether a link to choose a new password is on its way.
    case undone(Account, mailsReset: Bool)
    /// Somebody else has proved the address meanwhile.
    case taken
    case refused(LinkRefusal)
}

package enum DeactivateOutcome: Sendable, Equatable {
    case deactivated
    case refused(ConfirmationRefusal)
    /// The last administrator stays.
    case lastAdministrator
}
