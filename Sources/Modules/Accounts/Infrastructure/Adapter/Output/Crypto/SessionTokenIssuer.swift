import AccountsApplication
import AccountsContract
import AccountsDomain
import Crypto
import JSON
import Shared

/// Makes access tokens as signed JWTs (RFC 9068) and refresh tokens as opaque text, and verifies the former.
struct SessionTokenIssuer: TokenIssuer, AccessTokenVerifier {
    private let keys: SigningKeys
    private let cache = VerifiedTokenCache()
    private let verifier: JWTVerifier
    private let refreshTokens: RefreshTokenFormat
    private let challengeTokens: ChallengeTokenFormat
    private let settings: AccountsSettings
    private let identifiers: any IdentifierSource
    private let random: any RandomSource

    static let type = "at+jwt"

    init(
        keys: SigningKeys, refreshTokens: RefreshTokenFormat, challengeTokens: ChallengeTokenFormat,
        settings: AccountsSettings, identifiers: any IdentifierSource, random: any RandomSource
    ) {
        self.keys = keys
        self.refreshTokens = refreshTokens
        self.challengeTokens = challengeTokens
        self.settings = settings
        self.identifiers = identifiers
        self.random = random
        verifier = JWTVerifier(type: Self.type, issuer: settings.appURL, audience: settings.appURL)
    }

    func accessToken(for user: User, in session: Session, at now: Timestamp) throws -> AccessToken {
        let key = keys.current
        let wanted = now.seconds + settings.accessTokenLifetime.components.seconds
        let expiry = min(wanted, session.expiresAt.seconds)
        let text = try JWT.sign(
            claims: claims(of: user, session, now, expiry: expiry), type: Self.type, kid: key.kid, with: key)
        return AccessToken(text: Secret(text), lifetime: .seconds(max(0, expiry - now.seconds)))
    }

    func refreshToken(for session: Session, at now: Timestamp) -> RefreshToken {
        refreshToken(for: session, secret: random.bytes(32), at: now)
    }

    func successor(of parent: Secret<String>, for session: Session, at now: Timestamp) -> RefreshToken {
        let secret = refreshTokens.successorSecret(of: parent.reveal(), branch: session.branch)
        return refreshToken(for: session, secret: secret, at: now)
    }

    func read(refreshToken: Secret<String>) -> RefreshTokenReading? {
        refreshTokens.read(refreshToken.reveal())
    }

    func challengeToken(for id: MFAChallengeID) -> Secret<String> { Secret(challengeTokens.text(for: id)) }

    func read(challengeToken: Secret<String>) -> MFAChallengeID? { challengeTokens.read(challengeToken.reveal()) }

    private func refreshToken(for session: Session, secret: [UInt8], at now: Timestamp) -> RefreshToken {
        let text = refreshTokens.text(
            session: session.id, generation: session.generation, branch: session.branch, secret: secret)
        let record = RefreshTokenRecord(
            sessionID: session.id, jti: identifiers.next(), hash: SHA256.hash(Array(text.utf8)),
            generation: session.generation, createdAt: now,
            expiresAt: min(now + settings.refreshTokenLifetime, session.expiresAt))
        return RefreshToken(text: Secret(text), record: record)
    }

    func recall(_ token: String, at now: Timestamp) -> MemoryLookup<AccessTokenClaims> {
        guard let entry = cache.find(token) else { return .unknown }
        return entry.expiresAt > now && keys.counts(entry.kid) ? .known(entry.claims) : .absent
    }

    func claims(
        of token: String, at now: Timestamp, confirming confirm: (AccessTokenClaims) async throws -> Bool
    ) async throws -> AccessTokenClaims? {
        switch recall(token, at: now) {
        case .known(let claims): return claims
        case .absent: return nil
        case .unknown: break
        }
        guard let entry = try await verified(token, at: now), try await confirm(entry.claims) else { return nil }
        cache.insert(entry, token)
        return entry.claims
    }

    func genuineClaims(of token: String, at now: Timestamp) async throws -> AccessTokenClaims? {
        try await verified(token, at: now, mayBeExpired: true)?.claims
    }

    private func verified(
        _ token: String, at now: Timestamp, mayBeExpired: Bool = false
    ) async throws -> VerifiedTokenCache.Entry? {
        do {
            return try verify(token, at: now, mayBeExpired)
        } catch JWTError.unknownKey {
            // Also if this call read nothing: another one may have, since the key was not found.
            try await keys.reloadForUnknownKey()
            return try? verify(token, at: now, mayBeExpired)
        } catch is JWTError {
            return nil
        }
    }

    private func verify(
        _ token: String, at now: Timestamp, _ mayBeExpired: Bool
    ) throws -> VerifiedTokenCache.Entry? {
        var kid = ""
        let claims = try verifier.verify(token, at: now, mayBeExpired: mayBeExpired) { name in
            kid = name
            return keys.verificationKey(name)
        }
        guard let userID = claims["sub"]?.text.flatMap({ UserID(text: $0) }),
            let sessionID = claims["sid"]?.text.flatMap({ SessionID(text: $0) }),
            let expiry = claims["exp"]?.integer
        else { return nil }
        return VerifiedTokenCache.Entry(
            claims: AccessTokenClaims(userID: userID, sessionID: sessionID), kid: kid,
            expiresAt: Timestamp(seconds: expiry))
    }

    /// `roles`, `tenant` and `plan` are hints of this moment; decisions use current state.
    private func claims(of user: User, _ session: Session, _ now: Timestamp, expiry: Int64) -> [UInt8] {
        let claims: JSONValue = [
            "iss": .string(settings.appURL),
            "sub": .string(user.id.description),
            "aud": .string(settings.appURL),
            "iat": .integer(now.seconds),
            "exp": .integer(expiry),
            "jti": .string(identifiers.next().description),
            "sid": .string(session.id.description),
            "email": .string(user.email.text),
            "email_verified": .bool(user.isVerified),
            "roles": .array(user.role.map { [.string($0.rawValue)] } ?? []),
            "tenant": nil,
            "plan": "free",
            "auth_time": .integer(session.proof.at.seconds),
            "amr": .array(session.proof.methods.map { .string($0.rawValue) }),
            "acr": .string(session.proof.level.rawValue),
        ]
        return claims.serialized
    }
}
