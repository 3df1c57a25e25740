import AccountsContract
import AccountsDomain
import Shared

/// Everything that Accounts holds about a person.
package struct PersonalDataExport: Sendable {
    package let exportedAt: Timestamp
    package let account: Account
    /// Living and past ones that are still kept.
    package let sessions: [Session]
    /// Second factors, confirmed or waiting.
    package let factors: [TOTPFactor]
    package let recoveryCodesLeft: Int
    /// Accounts at other companies.
    package let identities: [Identity]
    package let auditTrail: [AuditTrailEntry]

    package init(
        exportedAt: Timestamp, account: Account, sessions: [Session], factors: [TOTPFactor], recoveryCodesLeft: Int,
        identities: [Identity],
        auditTrail: [AuditTrailEntry]
    ) {
        self.exportedAt = exportedAt
        self.account = account
        self.sessions = sessions
        self.factors = factors
        self.recoveryCodesLeft = recoveryCodesLeft
        self.identities = identities
        self.auditTrail = auditTrail
    }
}

package struct EraseAccountCommand: Sendable {
    package let caller: SessionCaller
    package let proof: ConfirmationProof
    package let client: ClientInfo

    package init(caller: SessionCaller, proof: ConfirmationProof, client: ClientInfo) {
        self.caller = caller
        self.proof = proof
        self.client = client
    }
}

package enum EraseAccountOutcome: Sendable, Equatable {
    case erased
    case refused(ConfirmationRefusal)
    /// The last administrator stays.
    case lastAdministrator
}
