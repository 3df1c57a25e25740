import AccountsContract
import AccountsDomain
import Shared

package struct AuthenticateService: Authenticate {
    private let work: any AccountsWork
    private let verifier: any AccessTokenVerifier
    private let clock: any WallClock

    package init(work: any AccountsWork, verifier: any AccessTokenVerifier, clock: any WallClock) {
        self.work = work
        self.verifier = verifier
        self.clock = clock
    }

    package func callAsFunction(accessToken: String) async throws -> Caller? {
        let now = clock.now
        guard let claims = verifier.claims(of: accessToken, at: now) else { return nil }
        return try await work.read { context in
            guard let session = try context.sessions.find(claims.sessionID), session.isAlive(at: now),
                session.userID == claims.userID,
                let account = try context.users.find(claims.userID),
                account.user.signInObstacle(at: now) == nil
            else { return nil }
            return Caller(userID: claims.userID, sessionID: claims.sessionID)
        }
    }
}
