import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import Synchronization
import Testing

/// Makes tokens that it knows again because it remembers them.
package final class TokenDouble: TokenIssuer, AccessTokenVerifier {
    private struct Issued {
        let claims: AccessTokenClaims
        let from: Timestamp
        let until: Timestamp
    }

    private struct State {
        var issued: [String: Issued] = [:]
        var count = 0
    }

    private let state = Mutex(State())
    private let identifiers: any IdentifierSource
    private let lifetime: Duration

    package init(identifiers: any IdentifierSource, lifetime: Duration = .seconds(900)) {
        self.identifiers = identifiers
        self.lifetime = lifetime
    }

    package func accessToken(for user: User, in session: Session, at now: Timestamp) throws -> AccessToken {
        let claims = AccessTokenClaims(userID: user.id, sessionID: session.id)
        let text = state.withLock { state in
            state.count += 1
            let text = "access-\(state.count)-\(session.id)"
            state.issued[text] = Issued(claims: claims, from: now, until: now + lifetime)
            return text
        }
        return AccessToken(text: Secret(text), lifetime: lifetime)
    }

    package func refreshToken(for session: Session, at now: Timestamp) -> RefreshToken {
        let jti = identifiers.next()
        let text = "refresh-\(jti)"
        let record = RefreshTokenRecord(
            sessionID: session.id, jti: jti, hash: Array(text.utf8.reversed().prefix(32)),
            generation: session.generation, createdAt: now, expiresAt: session.expiresAt)
        return RefreshToken(text: Secret(text), record: record)
    }

    package func claims(of token: String, at now: Timestamp) -> AccessTokenClaims? {
        guard let issued = state.withLock({ $0.issued[token] }), issued.from <= now, now < issued.until
        else { return nil }
        return issued.claims
    }
}

/// For services that must not look at a store at all.
package struct UnplannedWork: AccountsWork {
    package init() {}

    package func write<T: Sendable>(_: @escaping @Sendable (any AccountsContext) throws -> T) async throws -> T {
        Issue.record("a unit of work that writes was not planned")
        throw InternalFailure("not planned")
    }

    package func read<T: Sendable>(_: @escaping @Sendable (any AccountsContext) throws -> T) async throws -> T {
        Issue.record("a unit of work that reads was not planned")
        throw InternalFailure("not planned")
    }
}
