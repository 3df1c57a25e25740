import AccessContract
import AccessDomain
import Shared

/// By which roles and which plan somebody has what they have.
package struct ReadOwnRightsService: Sendable {
    private let standings: any StandingDirectory
    private let clock: any WallClock

    package init(standings: any StandingDirectory, clock: any WallClock) {
        self.standings = standings
        self.clock = clock
    }

    /// Nil if the account is gone.
    package func callAsFunction(_ principal: Principal) async throws -> OwnRights? {
        let now = clock.now
        if principal.isServiceAccount {
            let id = ServiceAccountID(principal.userID)
            return try await standings.standing(ofServiceAccount: id, at: now).map {
                OwnRights(roles: $0.roles, plan: $0.plan.plan)
            }
        }
        return try await standings.standing(of: principal.userID, at: now).map {
            OwnRights(roles: $0.roles, plan: $0.plan.plan)
        }
    }
}
