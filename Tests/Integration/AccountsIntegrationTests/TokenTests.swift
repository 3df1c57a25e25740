import AccountsApplication
import AccountsContract
import AccountsDomain
import Crypto
import JSON
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

enum Links {
    static let token = ValidationToken(
        id: ValidationID(SequentialIdentifiers.identifier(1)), userID: nil, purpose: .administrator, address: nil,
        createdAt: Timestamp(seconds: 1_790_000_000), expiresAt: Timestamp(seconds: 1_790_003_600))
}

enum Tokens {
    static let now = Timestamp(seconds: 1_790_000_000)

    static func issuer(
        key: PrivateSigningKey, others: [PublicVerificationKey] = [], settings: [String: String] = [:]
    ) throws -> SessionTokenIssuer {
        SessionTokenIssuer(
            keys: SigningKeyRing(current: key, others: others),
            refreshTokens: RefreshTokenFormat(secret: Secret([UInt8](repeating: 3, count: 32))),
            settings: try AccountsHouse.settings(settings), identifiers: SequentialIdentifiers(),
            random: SystemRandomSource())
    }

    static let user = User(
        id: UserID(SequentialIdentifiers.identifier(1)), email: EmailAddress("Ana@example.com")!, username: nil,
        passwordHash: nil, isVerified: true, role: .admin, registeredFrom: nil, createdAt: now, updatedAt: now)

    static func session(expiresAt: Timestamp = now + .seconds(86_400)) -> Session {
        Session(
            id: SessionID(SequentialIdentifiers.identifier(2)), userID: user.id, userAgent: nil, address: nil,
            createdAt: now, lastUsed: now, expiresAt: expiresAt)
    }
}

@Suite("Tokens of Accounts")
struct TokenTests {
    @Test("an access token is a JWT of RFC 9068 with the claims that services rely on")
    func claims() throws {
        let key = try PrivateSigningKey.generate(.es256)
        let token = try Tokens.issuer(key: key).accessToken(for: Tokens.user, in: Tokens.session(), at: Tokens.now)
        let parts = token.text.reveal().split(separator: ".").map { Base64URL.decode(String($0)) }
        let header = try JSONValue(parsing: try #require(parts[0]))
        let claims = try JSONValue(parsing: try #require(parts[1]))
        #expect(header["typ"]?.text == "at+jwt")
        #expect(header["alg"]?.text == "ES256")
        #expect(header["kid"]?.text == key.kid)
        #expect(claims["iss"]?.text == AccountsHouse.appURL)
        #expect(claims["aud"]?.text == AccountsHouse.appURL)
        #expect(claims["sub"]?.text == Tokens.user.id.description)
        #expect(claims["sid"]?.text == Tokens.session().id.description)
        #expect(claims["iat"]?.integer == Tokens.now.seconds)
        #expect(claims["exp"]?.integer == Tokens.now.seconds + 900)
        #expect(claims["email"]?.text == "Ana@example.com")
        #expect(claims["email_verified"]?.flag == true)
        #expect(claims["roles"] == ["admin"])
        #expect(claims["jti"]?.text.flatMap { Identifier($0) } != nil)
    }

    @Test("tokens of a key that signs no more are taken while it is in the ring, and no longer")
    func oldKey() throws {
        let old = try PrivateSigningKey.generate(.es256)
        let new = try PrivateSigningKey.generate(.es256)
        let token = try Tokens.issuer(key: old).accessToken(for: Tokens.user, in: Tokens.session(), at: Tokens.now)
        let during = try Tokens.issuer(key: new, others: [old.publicKey])
        #expect(during.claims(of: token.text.reveal(), at: Tokens.now) != nil)
        #expect(try Tokens.issuer(key: new).claims(of: token.text.reveal(), at: Tokens.now) == nil)
    }

    @Test("a token of another installation is refused although its key is known")
    func otherIssuer() throws {
        let key = try PrivateSigningKey.generate(.es256)
        let claims: JSONValue = [
            "iss": "https://other.example.com", "aud": "https://other.example.com",
            "sub": .string(Tokens.user.id.description), "sid": .string(Tokens.session().id.description),
            "iat": .integer(Tokens.now.seconds), "exp": .integer(Tokens.now.seconds + 900),
        ]
        let token = try JWT.sign(claims: claims.serialized, type: "at+jwt", kid: key.kid, with: key)
        #expect(try Tokens.issuer(key: key).claims(of: token, at: Tokens.now) == nil)
    }

    @Test("a refresh token is 72 bytes with session, generation, branch, secret and tag")
    func refreshTokenFormat() throws {
        let token = try Tokens.issuer(key: try PrivateSigningKey.generate(.es256))
            .refreshToken(for: Tokens.session(), at: Tokens.now)
        let text = token.text.reveal()
        let bytes = try #require(Base64URL.decode(text))
        #expect(bytes.count == 16 + 4 + 4 + 32 + 16)
        #expect(Array(bytes.prefix(16)) == Tokens.session().id.value.bytes)
        #expect(token.record.hash == SHA256.hash(Array(text.utf8)))
    }

    @Test("a refresh token lives 30 days, but not longer than its session")
    func refreshTokenLifetime() throws {
        let issuer = try Tokens.issuer(key: try PrivateSigningKey.generate(.es256))
        let short = issuer.refreshToken(for: Tokens.session(), at: Tokens.now)
        #expect(short.record.expiresAt == Tokens.session().expiresAt)
        let long = issuer.refreshToken(
            for: Tokens.session(expiresAt: Tokens.now + .seconds(180 * 86_400)), at: Tokens.now)
        #expect(long.record.expiresAt == Tokens.now + .seconds(30 * 86_400))
    }
}
