import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import Synchronization
import TestSupport
import Testing

/// Makes access tokens that it knows again because it remembers them, and refresh tokens that any double knows.
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
    private let refreshLifetime: Duration

    package init(
        identifiers: any IdentifierSource, lifetime: Duration = .seconds(900),
        refreshLifetime: Duration = .seconds(30 * 86_400)
    ) {
        self.identifiers = identifiers
        self.lifetime = lifetime
        self.refreshLifetime = refreshLifetime
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
        refreshToken(for: session, secret: "first-\(identifiers.next())", at: now)
    }

    package func successor(of parent: Secret<String>, for session: Session, at now: Timestamp) -> RefreshToken {
        let secret = Hex.encode(DoubleDigest.bytes("\(parent.reveal()) \(session.branch)"))
        return refreshToken(for: session, secret: secret, at: now)
    }

    package func read(refreshToken: Secret<String>) -> RefreshTokenReading? {
        let text = refreshToken.reveal()
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "refresh", let session = SessionID(text: parts[1]),
            let generation = Int(parts[2]), parts[5] == tag(parts.dropLast().joined(separator: "/"))
        else { return nil }
        return RefreshTokenReading(sessionID: session, generation: generation, hash: DoubleDigest.bytes(text))
    }

    package func challengeToken(for id: MFAChallengeID) -> Secret<String> { Secret("mfa/\(id)/\(tag("mfa \(id)"))") }

    package func read(challengeToken: Secret<String>) -> MFAChallengeID? {
        let parts = challengeToken.reveal().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[0] == "mfa", let id = MFAChallengeID(text: parts[1]), parts[2] == tag("mfa \(id)")
        else { return nil }
        return id
    }

    private func refreshToken(for session: Session, secret: String, at now: Timestamp) -> RefreshToken {
        let body = "refresh/\(session.id)/\(session.generation)/\(session.branch)/\(secret)"
        let text = "\(body)/\(tag(body))"
        let record = RefreshTokenRecord(
            sessionID: session.id, jti: identifiers.next(), hash: DoubleDigest.bytes(text),
            generation: session.generation, createdAt: now,
            expiresAt: min(now + refreshLifetime, session.expiresAt))
        return RefreshToken(text: Secret(text), record: record)
    }

    private func tag(_ body: String) -> String { Hex.encode(DoubleDigest.bytes("tag \(body)")) }

    /// As if it had seen every token before.
    package func claims(
        of token: String, at now: Timestamp, confirming _: (AccessTokenClaims) async throws -> Bool
    ) -> AccessTokenClaims? {
        claims(of: token, at: now)
    }

    package func recall(_ token: String, at now: Timestamp) -> MemoryLookup<AccessTokenClaims> {
        MemoryLookup(claims(of: token, at: now))
    }

    package func genuineClaims(of token: String, at now: Timestamp) -> AccessTokenClaims? {
        state.withLock { $0.issued[token] }.flatMap { $0.from <= now ? $0.claims : nil }
    }

    package func claims(of token: String, at now: Timestamp) -> AccessTokenClaims? {
        guard let issued = state.withLock({ $0.issued[token] }), issued.from <= now, now < issued.until
        else { return nil }
        return issued.claims
    }
}

/// Stands in for hashes and keyed hashes: differs where the text differs, and keeps no secret.
enum DoubleDigest {
    /// 32 bytes.
    static func bytes(_ text: String) -> [UInt8] {
        (0..<4 as Range<UInt64>).flatMap { seed in
            let number = Self.number(text, seed: seed)
            return (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        }
    }

    /// FNV-1a, started at a number of its own for each seed.
    static func number(_ text: String, seed: UInt64) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325 ^ (seed &* 0x9E37_79B9_7F4A_7C15)) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
    }
}

/// Knows what the store in memory knows of revocations, unless a test says otherwise.
package final class RevocationViewDouble: RevocationView {
    private let work: InMemoryAccountsWork
    private let isDeaf = Mutex(false)

    package init(_ work: InMemoryAccountsWork) {
        self.work = work
    }

    /// As if nothing had been heard for too long.
    package func goDeaf() { isDeaf.withLock { $0 = true } }

    package func verdict(on session: SessionID, at _: Timestamp) -> RevocationVerdict {
        if isDeaf.withLock({ $0 }) { return .unknown }
        return work.store.revokedSubjects.contains(.session(session)) ? .revoked : .good
    }
}

/// For services that must not look at a store at all.
package struct UnplannedWork: UnitOfWork {
    package init() {}

    package func write<T: Sendable>(
        in _: WorkScope, _: @escaping @Sendable (any AccountsContext) throws -> T
    ) async throws -> T {
        Issue.record("a unit of work that writes was not planned")
        throw InternalFailure("not planned")
    }

    package func read<T: Sendable>(
        in _: WorkScope, _: @escaping @Sendable (any AccountsContext) throws -> T
    ) async throws -> T {
        Issue.record("a unit of work that reads was not planned")
        throw InternalFailure("not planned")
    }
}
