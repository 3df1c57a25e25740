import AccountsContract
import AccountsDomain
import Shared

/// That whoever may write on the platform has a second factor and has used it in the session: one leaked password must
/// not give the installation away.
package struct AdministrationPolicy: Sendable {
    private let work: any AccountsWork
    private let clock: any WallClock
    private let isRequired: Bool
    private let maxAge: Duration

    /// - Parameters:
    ///   - isRequired: whether the policy is in force.
    ///   - maxAge: of a step-up, as it is told to clients.
    package init(work: any AccountsWork, isRequired: Bool, maxAge: Duration, clock: any WallClock) {
        self.work = work
        self.isRequired = isRequired
        self.maxAge = maxAge
        self.clock = clock
    }

    /// - Returns: what keeps the caller from administration; nil if nothing does.
    package func obstacle(for caller: SessionCaller) async throws -> AdministrationObstacle? {
        guard isRequired else { return nil }
        let now = clock.now
        return try await work.read { context in
            let session = try context.session(of: caller, at: now)
            if session?.proof.level == .aal2 { return nil }
            guard let user = try context.users.find(caller.userID)?.user, try context.hasFactor(user) else {
                return .enrolmentNeeded
            }
            return .stepUpNeeded(StepUpDemand(needsSecondFactor: true, maxAge: maxAge))
        }
    }
}
