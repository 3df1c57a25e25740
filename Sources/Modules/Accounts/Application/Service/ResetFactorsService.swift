import AccountsContract
import AccountsDomain
import Shared

/// Removes the second factors of somebody who has lost them all, after a delay in which the owner of the account can stop
/// it by a mailed link. It asks for a caller who has used a second factor, and may do all that the owner may.
package struct ResetFactorsService: Sendable {
    private let work: any AccountsWork
    private let cover: any RuleOfCover
    private let queue: FactorResetQueue
    private let stepUpMaxAge: Duration
    private let clock: any WallClock
    private let identifiers: any IdentifierSource

    package init(
        work: any AccountsWork, cover: any RuleOfCover, delay: Duration, stepUpMaxAge: Duration,
        clock: any WallClock, identifiers: any IdentifierSource
    ) {
        self.work = work
        self.cover = cover
        queue = FactorResetQueue(delay: delay)
        self.stepUpMaxAge = stepUpMaxAge
        self.clock = clock
        self.identifiers = identifiers
    }

    package func callAsFunction(_ command: ResetFactorsCommand) async throws -> ResetFactorsOutcome {
        let (principal, now) = (command.actor, clock.now)
        let (id, validationID): (MFAResetID, ValidationID) = (identifiers.next(), identifiers.next())
        let (cover, queue) = (cover, queue)
        let demand = StepUpDemand(needsSecondFactor: true, maxAge: stepUpMaxAge)
        return try await work.write { context in
            guard case .session(let session) = principal.credential else { return .permissionDenied }
            let caller = SessionCaller(userID: UserID(principal.userID), sessionID: SessionID(session))
            guard try context.session(of: caller, at: now)?.proof.level == .aal2 else { return .stepUpNeeded(demand) }
            guard command.id != caller.userID else { return .ownAccount }
            guard let user = try context.users.lock(command.id)?.user else { return .unknown }
            guard try cover.mayAct(principal, on: user) else {
                try context.audit(
                    .refused("mfa.reset", because: "permission_denied", on: "user:\(user.id)", by: principal))
                return .permissionDenied
            }
            guard try context.hasFactor(user) else { return .noFactor }
            if let waiting = try context.mfaResets.find(of: user.id) {
                return .waiting(effectiveAt: waiting.effectiveAt)
            }
            let reset = queue.reset(id, of: user, command.reason, by: principal, at: now)
            _ = try context.mfaResets.insert(reset)
            try context.warn(of: reset, user, validationID, at: now)
            try context.audit(.done("mfa.reset_requested", on: "user:\(user.id)", by: principal))
            return .waiting(effectiveAt: reset.effectiveAt)
        }
    }
}

/// When a reset warns and takes effect.
struct FactorResetQueue: Sendable {
    let delay: Duration

    /// How long before its effect the last warning goes out, at the most.
    private static let lastWarning: Duration = .seconds(3_600)

    func reset(
        _ id: MFAResetID, of user: User, _ reason: String, by principal: Principal, at now: Timestamp
    ) -> MFAReset {
        let effectiveAt = now + delay
        return MFAReset(
            id: id, userID: user.id, requestedBy: principal.auditName, reason: reason, requestedAt: now,
            warningAt: effectiveAt - min(Self.lastWarning, delay / 2), effectiveAt: effectiveAt)
    }
}

extension AccountsContext {
    /// Mails the owner the link that stops a reset.
    func warn(of reset: MFAReset, _ user: User, _ id: ValidationID, at now: Timestamp) throws {
        try validations.insert(
            ValidationToken(
                id: id, userID: user.id, purpose: .mfaReset, address: user.email, createdAt: now,
                expiresAt: reset.effectiveAt))
        try publish(MFAResetRequested(userID: user.id, validationID: id))
    }
}
