import AccessDomain
import Shared

package struct ReadOwnRightsService: ReadOwnRights {
    private let standings: any StandingDirectory
    private let clock: any WallClock

    package init(standings: any StandingDirectory, clock: any WallClock) {
        self.standings = standings
        self.clock = clock
    }

    package func callAsFunction(_ userID: Identifier) async throws -> OwnRights? {
        try await standings.standing(of: userID, at: clock.now).map {
            OwnRights(roles: $0.roles, plan: $0.plan.plan)
        }
    }
}
