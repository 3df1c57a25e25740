import AccountsContract
import AccountsDomain
import Shared

/// A person's right to what is held about him, and to be forgotten.
package struct PersonalDataService: Sendable {
    private let work: any AccountsWork
    private let confirm: ConfirmIdentity
    private let clock: any WallClock

    package init(
        work: any AccountsWork, hasher: any PasswordHasher, signer: any ValidationTokenSigner, clock: any WallClock
    ) {
        self.work = work
        confirm = ConfirmIdentity(work: work, hasher: hasher, signer: signer, clock: clock)
        self.clock = clock
    }

    /// - Returns: nil if the account is gone.
    package func export(_ caller: SessionCaller) async throws -> PersonalDataExport? {
        let now = clock.now
        let userID = caller.userID
        return try await work.read { context in
            guard let account = try context.users.find(userID) else { return nil }
            return PersonalDataExport(
                exportedAt: now, account: account, sessions: try context.sessions.all(of: userID),
                factors: try context.totpFactors.all(of: userID),
                recoveryCodesLeft: try context.recoveryCodes.left(of: userID),
                identities: try context.identities.all(of: userID),
                auditTrail: try context.auditTrail(about: "user:\(userID)").map { $0.shown(to: "user:\(userID)") })
        }
    }

    /// Deletes the account with everything that belongs to it, and the personal data in the audit log.
    package func erase(_ command: EraseAccountCommand) async throws -> EraseAccountOutcome {
        let userID = command.caller.userID
        let user: User
        switch try await confirm(command.proof, of: command.caller, for: "user.erase", command.client) {
        case .refused(let refusal): return .refused(refusal)
        case .confirmed(let confirmed): user = confirmed
        }
        let now = clock.now
        return try await work.write { context in
            guard let account = try context.users.lock(userID), account.user.passwordHash == user.passwordHash else {
                return .refused(.wrong)
            }
            if try context.isLastAdministrator(account.user, at: now) { return .lastAdministrator }
            try context.erase(userID, at: now, by: .user(userID, nil))
            return .erased
        }
    }
}

extension AccountsContext {
    /// Deletes an account with everything that belongs to it; the log keeps that it was, not who.
    func erase(_ userID: UserID, at now: Timestamp, by actor: AuditActor) throws {
        if let email = try users.find(userID)?.user.email {
            try signInFailures.remove(SignInAttempt.accountKey(email))
            try signInFailures.removeAll(keysBeginningWith: SignInAttempt.deviceKeyPrefix(email))
        }
        try signInFailures.remove(SecondStepCheck.key(userID))
        try endAll(of: userID, .erased, at: now, by: .system)
        try users.delete(userID)
        try eraseAuditData(about: "user:\(userID)")
        try tellChange(of: userID, at: now)
        try publish(UserDeleted(userID: userID))
        try audit(.done("user.erased", by: actor.text, on: "user:\(userID)", personal: actor.personal))
    }
}

extension AuditTrailEntry {
    /// Without the personal data of another person, who did it: of an administrator.
    fileprivate func shown(to person: String) -> AuditTrailEntry {
        guard actor != person, actor.hasPrefix("user:") else { return self }
        return AuditTrailEntry(
            time: time, actor: actor, action: action, outcome: outcome, reason: reason, count: count, personal: [:])
    }
}
