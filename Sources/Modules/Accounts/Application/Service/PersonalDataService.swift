import AccountsContract
import AccountsDomain
import Shared

package struct PersonalDataService: PersonalData {
    private let work: any AccountsWork
    private let hasher: any PasswordHasher
    private let codes: LoginCodeCheck
    private let clock: any WallClock

    package init(
        work: any AccountsWork, hasher: any PasswordHasher, signer: any ValidationTokenSigner, clock: any WallClock
    ) {
        self.work = work
        self.hasher = hasher
        codes = LoginCodeCheck(signer: signer)
        self.clock = clock
    }

    package func export(_ caller: Caller) async throws -> PersonalDataExport? {
        let now = clock.now
        let userID = caller.userID
        return try await work.read { context in
            guard let account = try context.users.find(userID) else { return nil }
            return PersonalDataExport(
                exportedAt: now, account: account, sessions: try context.sessions.all(of: userID),
                auditTrail: try context.auditTrail(about: "user:\(userID)").map { $0.shown(to: "user:\(userID)") })
        }
    }

    package func erase(_ command: EraseAccountCommand) async throws -> EraseAccountOutcome {
        let userID = command.caller.userID
        var checkedHash: String?
        if case .password(let password) = command.proof {
            checkedHash = try await work.read { try $0.users.find(userID) }?.user.passwordHash
            guard try await hasher.verify(password, against: checkedHash) else {
                return try await refused(userID, command.client)
            }
        }
        let now = clock.now
        let hash = checkedHash
        return try await work.write { context in
            guard let account = try context.users.lock(userID) else { return .wrongProof }
            switch command.proof {
            case .password:
                guard account.user.passwordHash == hash else { return .wrongProof }
            case .code(let digits):
                guard try codes.isRight(digits, for: account.user, at: now, in: context) else {
                    try context.audit(refusal(userID, command.client))
                    return .wrongProof
                }
            }
            if try context.isLastAdministrator(account.user, at: now) { return .lastAdministrator }
            try context.erase(userID, at: now, by: .user(userID, nil))
            return .erased
        }
    }

    private func refused(_ userID: UserID, _ client: ClientInfo) async throws -> EraseAccountOutcome {
        let entry = refusal(userID, client)
        try await work.write { try $0.audit(entry) }
        return .wrongProof
    }

    private func refusal(_ userID: UserID, _ client: ClientInfo) -> AuditEntry {
        .refused(
            "user.erase", because: "invalid_credentials", by: "user:\(userID)", on: "user:\(userID)",
            personal: client.personal)
    }
}

extension AccountsContext {
    /// Deletes an account with everything that belongs to it; the log keeps that it was, not who.
    func erase(_ userID: UserID, at now: Timestamp, by actor: AuditActor) throws {
        if let email = try users.find(userID)?.user.email {
            try loginFailures.remove(SignInAttempt.accountKey(email))
            try loginFailures.removeAll(keysBeginningWith: SignInAttempt.deviceKeyPrefix(email))
        }
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
