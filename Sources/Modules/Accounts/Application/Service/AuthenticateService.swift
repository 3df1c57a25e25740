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

    package func recallOwner(accessToken: String, at now: Timestamp) -> MemoryLookup<TokenOwner> {
        let claims: AccessTokenClaims
        switch verifier.recall(accessToken, at: now) {
        case .known(let found): claims = found
        case .absent: return .absent
        case .unknown: return .unknown
        }
        return switch revocations.verdict(on: claims.sessionID, at: now) {
        case .good: .known(.caller(SessionCaller(userID: claims.userID, sessionID: claims.sessionID)))
        case .revoked: .known(.ended(claims.userID))
        case .unknown: .unknown
        }
    }

    package func owner(accessToken: String) async throws -> TokenOwner? {
        let now = clock.now
        switch recallOwner(accessToken: accessToken, at: now) {
        case .known(let owner): return owner
        case .absent: return nil
        case .unknown: break
        }
        var ended: UserID?
        let claims = try await verifier.claims(of: accessToken, at: now) { claims in
            let isAlive = try await isAlive(claims, at: now)
            if !isAlive { ended = claims.userID }
            return isAlive
        }
        guard let claims else { return ended.map { .ended($0) } }
        switch revocations.verdict(on: claims.sessionID, at: now) {
        case .good: break
        case .revoked: return .ended(claims.userID)
        case .unknown: guard try await isAlive(claims, at: now) else { return .ended(claims.userID) }
        }
        return .caller(SessionCaller(userID: claims.userID, sessionID: claims.sessionID))
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
