import AccountsContract
import AccountsDomain
import Shared

/// A token's session is looked up when the token is seen for the first time; after that it touches memory only and
/// does not suspend.
package struct AuthenticateService: Authenticate {
    private let work: any AccountsWork
    private let verifier: any AccessTokenVerifier
    private let revocations: any RevocationView
    private let cutOff: RevocationCutOff
    private let clock: any WallClock

    package init(
        work: any AccountsWork, verifier: any AccessTokenVerifier, revocations: any RevocationView,
        cutOff: RevocationCutOff, clock: any WallClock
    ) {
        self.work = work
        self.verifier = verifier
        self.revocations = revocations
        self.cutOff = cutOff
        self.clock = clock
    }

    package func recall(accessToken: String, at now: Timestamp) -> Recollection<Caller> {
        guard case .known(let claims) = verifier.recall(accessToken, at: now) else { return .unknown }
        guard let claims else { return .known(nil) }
        return switch revocations.verdict(on: claims.sessionID, at: now) {
        case .good: .known(Caller(userID: claims.userID, sessionID: claims.sessionID))
        case .revoked: .known(nil)
        case .unknown: .unknown
        }
    }

    package func callAsFunction(accessToken: String) async throws -> Caller? {
        let now = clock.now
        if case .known(let caller) = recall(accessToken: accessToken, at: now) { return caller }
        let claims = try await verifier.claims(of: accessToken, at: now) { try await isAlive($0, at: now) }
        guard let claims else { return nil }
        switch revocations.verdict(on: claims.sessionID, at: now) {
        case .good: break
        case .revoked: return nil
        case .unknown: guard try await isAlive(claims, at: now) else { return nil }
        }
        return Caller(userID: claims.userID, sessionID: claims.sessionID)
    }

    private func isAlive(_ claims: AccessTokenClaims, at now: Timestamp) async throws -> Bool {
        do {
            return try await work.read { context in
                guard let session = try context.sessions.find(claims.sessionID) else { return false }
                return session.isAlive(at: now) && session.userID == claims.userID
            }
        } catch let failure as Unavailable {
            if cutOff == .accept { return true }
            throw failure
        }
    }
}
