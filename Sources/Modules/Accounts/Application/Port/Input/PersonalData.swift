import AccountsContract
import AccountsDomain
import Shared

/// A person's right to what is held about him, and to be forgotten.
package protocol PersonalData: Sendable {
    /// - Returns: nil if the account is gone.
    func export(_ caller: Caller) async throws -> PersonalDataExport?
    /// Deletes the account with everything that belongs to it, and the personal data in the audit log.
    func erase(_ command: EraseAccountCommand) async throws -> EraseAccountOutcome
}

/// Everything that Accounts holds about a person.
package struct PersonalDataExport: Sendable {
    package let exportedAt: Timestamp
    package let account: Account
    /// Living and past ones that are still kept.
    package let sessions: [Session]
    package let auditTrail: [AuditTrailEntry]

    package init(exportedAt: Timestamp, account: Account, sessions: [Session], auditTrail: [AuditTrailEntry]) {
        self.exportedAt = exportedAt
        self.account = account
        self.sessions = sessions
        self.auditTrail = auditTrail
    }
}

package struct EraseAccountCommand: Sendable {
    package let caller: Caller
    package let proof: ConfirmationProof
    package let client: ClientInfo

    package init(caller: Caller, proof: ConfirmationProof, client: ClientInfo) {
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
