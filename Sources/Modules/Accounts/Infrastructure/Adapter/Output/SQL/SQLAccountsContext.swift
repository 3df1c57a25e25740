import AccountsApplication
import AccountsDomain
import Audit
import ChangeFeeds
import Shared
import Transactions

/// What a unit of work of Accounts can reach, over SQL.
struct SQLAccountsContext: AccountsContext, SQLBackedContext {
    let sql: SQLContext
    /// Hears of revocations right after their commit.
    let revocationFeed: ChangeFeed<Revocation>

    var users: any UserRepository { SQLUserRepository(transaction: transaction) }
    var sessions: any SessionRepository { SQLSessionRepository(transaction: transaction) }
    var validations: any ValidationTokenRepository { SQLValidationTokenRepository(transaction: transaction) }
    var signInCodes: any SignInCodeRepository { SQLSignInCodeRepository(transaction: transaction) }
    var signInFailures: any SignInFailureRepository { SQLSignInFailureRepository(transaction: transaction) }
    var quietAddresses: any QuietAddressRepository { SQLQuietAddressRepository(transaction: transaction) }
    var identities: any IdentityRepository { SQLIdentityRepository(transaction: transaction) }
    var flowClaims: any FlowClaimRepository { SQLFlowClaimRepository(transaction: transaction) }
    var appCodes: any AppCodeRepository { SQLAppCodeRepository(transaction: transaction) }
    var totpFactors: any TOTPFactorRepository { SQLTOTPFactorRepository(transaction: transaction) }
    var recoveryCodes: any RecoveryCodeRepository { SQLRecoveryCodeRepository(transaction: transaction) }
    var mfaChallenges: any MFAChallengeRepository { SQLMFAChallengeRepository(transaction: transaction) }
    var mfaResets: any MFAResetRepository { SQLMFAResetRepository(transaction: transaction) }
    var revocations: any RevocationRepository { SQLRevocationRepository(sql: sql, feed: revocationFeed) }

    func auditTrail(about subject: String) throws -> [AuditTrailEntry] {
        try AuditTrail.entries(about: subject, limit: 1_000, in: transaction)
    }

    func eraseAuditData(about subject: String) throws {
        try AuditTrail.erasePersonalData(about: subject, in: transaction)
    }

    func removeExpired(at now: Timestamp, limit: Int) throws -> Int {
        try SQLExpiry(transaction: transaction).remove(at: now, limit: limit)
    }
}
