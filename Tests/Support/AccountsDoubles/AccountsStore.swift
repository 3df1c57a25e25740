import AccountsContract
import AccountsDomain
import Shared
import TestSupport

/// What the in-memory store holds: a value, so that a unit of work changes a copy and keeps or drops it.
package struct AccountsStore: Sendable {
    package var accounts: [UserID: Account] = [:]
    package var sessions: [SessionID: Session] = [:]
    package var refreshTokens: [RefreshTokenRecord] = []
    package var validations: [ValidationID: ValidationToken] = [:]
    package var signInCodes: [SignInCodeID: SignInCode] = [:]
    package var signInFailures: [String: SignInFailures] = [:]
    package var totpFactors: [FactorID: TOTPFactor] = [:]
    package var recoveryCodes: [RecoveryCode] = []
    package var mfaChallenges: [MFAChallengeID: MFAChallenge] = [:]
    package var mfaResets: [UserID: MFAReset] = [:]
    /// Until when, by their keys.
    package var quietAddresses: [String: Timestamp] = [:]
    package var identities: [IdentityID: Identity] = [:]
    package var flowClaims: [[UInt8]: FlowClaim] = [:]
    package var appCodes: [[UInt8]: AppCode] = [:]
    /// In the order in which they were added.
    package var revocations: [Revocation] = []
    package var traces = WorkTraces()

    package init() {}

    /// The account, which a test knows to be there.
    package func account(_ email: String) -> Account? {
        accounts.values.first { $0.user.email.key == email.lowercased() }
    }

    /// What ended, in order.
    package var revokedSubjects: [Revocation.Subject] { revocations.map(\.subject) }
}
