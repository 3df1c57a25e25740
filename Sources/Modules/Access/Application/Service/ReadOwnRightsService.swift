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
    package func callAsFunction(_ userID: Identifier) async throws -> OwnRights? {
        try await standings.standing(of: userID, at: clock.now).map {
            OwnRights(roles: $0.roles, plan: $0.plan.plan)
        }
    }
}
