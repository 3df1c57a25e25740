import AccountsContract
import AccountsDomain
import Shared

/// Ends the session that a genuine credential names, expired or not. Twice is the same as once.
package struct SignOutService: Sendable {
    private let work: any AccountsWork
    private let tokens: any TokenIssuer
    private let verifier: any AccessTokenVerifier
    private let clock: any WallClock

    package init(
        work: any AccountsWork, tokens: any TokenIssuer, verifier: any AccessTokenVerifier, clock: any WallClock
    ) {
        self.work = work
        self.tokens = tokens
        self.verifier = verifier
        self.clock = clock
    }

    /// - Returns: false if none of the credentials is genuine.
    package func callAsFunction(_ credentials: [SessionCredential], client: ClientInfo) async throws -> Bool {
        let now = clock.now
        var named: [SessionID] = []
        for credential in credentials {
            if let id = try await session(credential, at: now), !named.contains(id) { named.append(id) }
        }
        guard !named.isEmpty else { return false }
        let ids = named
        try await work.write { context in
            for id in ids {
                guard let session = try context.sessions.find(id) else { continue }
                try context.end(id, of: session.userID, .logout, at: now, by: .user(session.userID, client))
            }
        }
        return true
    }

    private func session(_ credential: SessionCredential, at now: Timestamp) async throws -> SessionID? {
        switch credential {
        case .accessToken(let token): try await verifier.genuineClaims(of: token.reveal(), at: now)?.sessionID
        case .refreshToken(let token): tokens.read(refreshToken: token)?.sessionID
        }
    }
}
