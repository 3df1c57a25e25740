import AccessDomain
import AccountsContract
import Shared

/// Whether somebody may do something on the platform, now.
package struct CheckPermissionService: Sendable {
    private let standings: any StandingDirectory
    private let clock: any WallClock

    package init(standings: any StandingDirectory, clock: any WallClock) {
        self.standings = standings
        self.clock = clock
    }

    /// - Returns: false also for who is blocked, deactivated or unknown.
    package func callAsFunction(_ permission: Permission, of userID: UserID) async throws -> Bool {
        guard let standing = try await standings.standing(of: userID.value, at: clock.now), standing.isGood else {
            return false
        }
        return standing.rights.allows(permission, on: nil)
    }
}
