import AccountsContract
import AccountsDomain
import Shared

/// The guard before what a stolen session must not do: whether the person behind it has proved lately who they are, and
/// well enough for the account. It looks at the session's row, never at a token.
package struct StepUp: Sendable {
    private let work: any AccountsWork
    private let clock: any WallClock
    package let maxAge: Duration

    /// - Parameter maxAge: how old a proof may be.
    package init(work: any AccountsWork, maxAge: Duration, clock: any WallClock) {
        self.work = work
        self.maxAge = maxAge
        self.clock = clock
    }

    /// - Parameter carriesProof: whether the call brings the password or a mailed code, which is proof enough where the
    ///   account has no factor.
    /// - Returns: what is missing; nil if the call may go on.
    package func demand(of caller: SessionCaller, carriesProof: Bool = false) async throws -> StepUpDemand? {
        let now = clock.now
        return try await work.read { try demand(of: caller, carriesProof: carriesProof, at: now, in: $0) }
    }

    /// The same inside a unit of work.
    func demand(
        of caller: SessionCaller, carriesProof: Bool = false, at now: Timestamp, in context: any AccountsContext
    ) throws -> StepUpDemand? {
        let hasFactor = try context.users.find(caller.userID).map { try context.hasFactor($0.user) } ?? false
        if carriesProof, !hasFactor { return nil }
        let demand = StepUpDemand(needsSecondFactor: hasFactor, maxAge: maxAge)
        guard let proof = try context.session(of: caller, at: now)?.proof else { return demand }
        let isFresh = now - proof.at <= maxAge && !proof.at.isAhead(of: now)
        return isFresh && (!hasFactor || proof.level == .aal2) ? nil : demand
    }
}
