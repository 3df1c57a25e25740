import AccountsApplication
import Shared
import TestSupport

package typealias InMemoryAccountsWork = InMemoryUnitOfWork<AccountsStore>

extension AccountsStore: InMemoryStore {
    package static func context(_ memory: InMemoryContext<AccountsStore>) -> any AccountsContext {
        InMemoryAccountsContext(memory: memory)
    }
}

private struct InMemoryAccountsContext: AccountsContext, InMemoryBackedContext {
    let memory: InMemoryContext<AccountsStore>

    var users: any UserRepository { InMemoryUserRepository(context: memory) }
    var sessions: any SessionRepository { InMemorySessionRepository(context: memory) }
    var validations: any ValidationTokenRepository { InMemoryValidationTokenRepository(context: memory) }
    var signInCodes: any SignInCodeRepository { InMemorySignInCodeRepository(context: memory) }
    var signInFailures: any SignInFailureRepository { InMemorySignInFailureRepository(context: memory) }
    var quietAddresses: any QuietAddressRepository { InMemoryQuietAddressRepository(context: memory) }
    var identities: any IdentityRepository { InMemoryIdentityRepository(context: memory) }
    var flowClaims: any FlowClaimRepository { InMemoryFlowClaimRepository(context: memory) }
    var appCodes: any AppCodeRepository { InMemoryAppCodeRepository(context: memory) }
    var totpFactors: any TOTPFactorRepository { InMemoryTOTPFactorRepository(context: memory) }
    var recoveryCodes: any RecoveryCodeRepository { InMemoryRecoveryCodeRepository(context: memory) }
    var mfaChallenges: any MFAChallengeRepository { InMemoryMFAChallengeRepository(context: memory) }
    var mfaResets: any MFAResetRepository { InMemoryMFAResetRepository(context: memory) }
    var revocations: any RevocationRepository { InMemoryRevocationRepository(context: memory) }

    func auditTrail(about subject: String) throws -> [AuditTrailEntry] {
        memory.store.auditTrail.filter { $0.entry.isAbout(subject) }.reversed().prefix(1_000).map { line in
            AuditTrailEntry(
                time: line.time, actor: line.entry.actor, action: line.entry.action,
                outcome: line.entry.outcome.rawValue, reason: line.entry.reason, count: line.count,
                personal: line.entry.personal)
        }
    }

    func eraseAuditData(about subject: String) throws {
        try memory.change { store in
            for index in store.auditTrail.indices where store.auditTrail[index].entry.isAbout(subject) {
                store.traces.auditTrail[index].entry = store.auditTrail[index].entry.withoutPersonalData
            }
        }
    }

    func removeExpired(at now: Timestamp, limit: Int) throws -> Int {
        try memory.change { $0.removeExpired(at: now, limit: limit) }
    }
}

extension AuditEntry {
    fileprivate func isAbout(_ subject: String) -> Bool { self.subject == subject || actor == subject }

    fileprivate var withoutPersonalData: AuditEntry {
        switch outcome {
        case .done: .done(action, by: actor, on: subject)
        case .refused: .refused(action, because: reason ?? "", by: actor, on: subject)
        }
    }
}
