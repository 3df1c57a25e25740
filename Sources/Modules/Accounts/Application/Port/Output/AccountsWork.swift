import Shared

/// The unit of work of Accounts.
package typealias AccountsWork = UnitOfWork<any AccountsContext>

/// What a unit of work can reach.
package protocol AccountsContext: UnitOfWorkContext {
    var users: any UserRepository { get }
    var sessions: any SessionRepository { get }
    var validations: any ValidationTokenRepository { get }
    var signInCodes: any SignInCodeRepository { get }
    var signInFailures: any SignInFailureRepository { get }
    var quietAddresses: any QuietAddressRepository { get }
    var identities: any IdentityRepository { get }
    var flowClaims: any FlowClaimRepository { get }
    var appCodes: any AppCodeRepository { get }
    var totpFactors: any TOTPFactorRepository { get }
    var recoveryCodes: any RecoveryCodeRepository { get }
    var mfaChallenges: any MFAChallengeRepository { get }
    var mfaResets: any MFAResetRepository { get }
    var revocations: any RevocationRepository { get }

    /// The log's newest lines about somebody, at most a thousand.
    func auditTrail(about subject: String) throws -> [AuditTrailEntry]
    /// Forgets the personal data in the log's lines about somebody.
    func eraseAuditData(about subject: String) throws

    /// Removes sessions, tokens, codes, callbacks, second steps, factors that nobody confirmed, counters, revocations and
    /// quiet addresses whose time is over.
    ///
    /// - Parameter limit: of each kind.
    /// - Returns: how many.
    func removeExpired(at now: Timestamp, limit: Int) throws -> Int
}
