import AccountsContract
import AccountsDomain
import Shared

/// What a person does about their own second factors. Whether the proof is fresh is asked before.
package struct ManageFactorsService: Sendable {
    let work: any AccountsWork
    let oneTimePasswords: any OneTimePasswords
    let recoveryCodes: any RecoveryCodes
    let clock: any WallClock
    let identifiers: any IdentifierSource

    package init(
        work: any AccountsWork, oneTimePasswords: any OneTimePasswords, recoveryCodes: any RecoveryCodes,
        clock: any WallClock, identifiers: any IdentifierSource
    ) {
        self.work = work
        self.oneTimePasswords = oneTimePasswords
        self.recoveryCodes = recoveryCodes
        self.clock = clock
        self.identifiers = identifiers
    }

    /// - Returns: nil if the account is gone.
    package func overview(of userID: UserID) async throws -> FactorOverview? {
        try await work.read { context in
            guard let user = try context.users.find(userID)?.user else { return nil }
            return FactorOverview(
                factors: try context.totpFactors.all(of: userID).filter(\.isConfirmed),
                asksForPasskey: user.asksForPasskey, recoveryCodesLeft: try context.recoveryCodes.left(of: userID))
        }
    }

    /// Makes a secret that waits for its first code.
    ///
    /// - Parameter name: of 1 to 64 characters.
    package func add(name: String, _ caller: SessionCaller) async throws -> AddFactorOutcome {
        let now = clock.now
        let id: FactorID = identifiers.next()
        let (secret, sealed) = try oneTimePasswords.makeSecret(for: id)
        let added: Addition = try await work.write { context in
            guard let user = try context.users.lock(caller.userID)?.user, try context.isSignedIn(caller, at: now)
            else { return .signedOut }
            let all = try context.totpFactors.all(of: user.id)
            for factor in all where !factor.isConfirmed && !factor.isPending(at: now) {
                _ = try context.totpFactors.delete(factor.id)
            }
            guard all.count(where: { $0.isConfirmed || $0.isPending(at: now) }) < TOTPFactor.countMax else {
                return .tooMany
            }
            let factor = TOTPFactor(id: id, userID: user.id, name: name, sealedSecret: sealed, createdAt: now)
            try context.totpFactors.insert(factor)
            return .waiting(factor, user.email)
        }
        switch added {
        case .signedOut: return .signedOut
        case .tooMany: return .tooMany
        case .waiting(let factor, let email):
            return .waiting(factor, try oneTimePasswords.enrolment(secret, account: email))
        }
    }

    private enum Addition: Sendable {
        case waiting(TOTPFactor, EmailAddress)
        case tooMany
        case signedOut
    }

    /// Turns a factor on by its first code, which counts no more then. Ends the other sessions; the caller's has the
    /// second factor from now on.
    package func confirm(_ command: ConfirmFactorCommand) async throws -> ConfirmFactorOutcome {
        let now = clock.now
        let (id, caller, client) = (command.id, command.caller, command.client)
        guard case .totp(let code) = command.proof else { return .wrong }
        let check = SecondStepCheck(oneTimePasswords: oneTimePasswords, recoveryCodes: recoveryCodes)
        return try await work.write { context in
            guard let user = try context.users.lock(caller.userID)?.user,
                var session = try context.session(of: caller, at: now)
            else { return .signedOut }
            let found = try context.totpFactors.all(of: user.id).first { $0.id == id && $0.isPending(at: now) }
            guard var factor = found else { return .unknown }
            let verdict = try check.counted(of: user, client, at: now, in: context) {
                guard let step = try oneTimePasswords.step(of: code, by: factor, at: now) else { return false }
                factor.lastStep = step
                return try context.totpFactors.confirm(id, step: step, at: now)
            }
            switch verdict {
            case .wrong: return .wrong
            case .tooManyAttempts(let delay): return .tooManyAttempts(retryAfter: delay)
            case .right: break
            }
            factor.confirmedAt = now
            let actor = AuditActor.user(user.id, client)
            try context.endAll(of: user.id, .mfaEnabled, at: now, except: caller.sessionID, by: actor)
            try context.mfaChallenges.cancelAll(of: user.id, at: now)
            // Who asked for it had no factor, or one that was lost.
            _ = try context.mfaResets.delete(of: user.id)
            session.proof = session.proof.and([.oneTimePassword], at: now)
            try context.sessions.keep(session.proof, of: session.id)
            try context.publish(MFAEnabled(userID: user.id, factorID: id))
            try context.audit(
                .done("mfa.enabled", by: actor.text, on: "user:\(user.id)", personal: actor.personal))
            let hasCodes = try context.recoveryCodes.left(of: user.id) > 0
            let codes = hasCodes ? [] : try replaceCodes(of: user, at: now, in: context)
            return .confirmed(factor, recoveryCodes: codes)
        }
    }

    /// - Parameter isRequired: whether the account must keep one.
    package func remove(
        _ id: FactorID, _ caller: SessionCaller, isRequired: Bool, client: ClientInfo
    ) async throws -> RemoveFactorOutcome {
        let now = clock.now
        return try await work.write { context in
            guard let user = try context.users.lock(caller.userID)?.user,
                let factor = try context.totpFactors.all(of: user.id).first(where: { $0.id == id })
            else { return .unknown }
            guard factor.isConfirmed else {
                return try context.totpFactors.delete(id) ? .removed : .unknown
            }
            let others = try context.totpFactors.all(of: user.id).filter { $0.isConfirmed && $0.id != id }
            let isLast = others.isEmpty && !user.asksForPasskey
            if isLast, isRequired { return .requiredByPolicy }
            _ = try context.totpFactors.delete(id)
            if isLast {
                try context.recoveryCodes.replaceAll(of: user.id, by: [])
                try context.mfaChallenges.cancelAll(of: user.id, at: now)
            }
            try context.publish(MFADisabled(userID: user.id, factorID: id))
            try context.audit(
                .done("mfa.disabled", by: "user:\(user.id)", on: "user:\(user.id)", personal: client.personal))
            return .removed
        }
    }

    /// In the place of all that there are.
    package func makeRecoveryCodes(_ caller: SessionCaller, client: ClientInfo) async throws -> NewRecoveryCodesOutcome
    {
        let now = clock.now
        return try await work.write { context in
            guard let user = try context.users.lock(caller.userID)?.user, try context.hasFactor(user) else {
                return .noFactor
            }
            let codes = try replaceCodes(of: user, at: now, in: context)
            try context.publish(RecoveryCodesMade(userID: user.id))
            try context.audit(
                .done("recovery_codes.made", by: "user:\(user.id)", on: "user:\(user.id)", personal: client.personal))
            return .made(codes)
        }
    }

    private func replaceCodes(
        of user: User, at now: Timestamp, in context: any AccountsContext
    ) throws -> [Secret<String>] {
        let codes = (0..<RecoveryCode.batchCount).map { _ in recoveryCodes.make() }
        let batch = identifiers.next()
        try context.recoveryCodes.replaceAll(
            of: user.id,
            by: codes.map { code in
                RecoveryCode(
                    id: identifiers.next(), userID: user.id, batch: batch,
                    hash: recoveryCodes.hashes(of: code, of: user.id)[0], createdAt: now)
            })
        return codes
    }
}
