import AccountsApplication
import AccountsContract
import AccountsDomain
import Crypto
import JSON
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

enum Tokens {
    static let now = Timestamp(seconds: 1_790_000_000)

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
    func claims() async throws {
        try await withAccountsHouse { house in
            let adapters = try await house.adapters()
            let token = try adapters.tokens.accessToken(for: Tokens.user, in: Tokens.session(), at: Tokens.now)
            let parts = token.text.reveal().split(separator: ".").map { Base64URL.decode(String($0)) }
            let header = try JSONValue(parsing: try #require(parts[0]))
            let claims = try JSONValue(parsing: try #require(parts[1]))
            #expect(header["typ"]?.text == "at+jwt")
            #expect(header["alg"]?.text == "ES256")
            #expect(header["kid"]?.text == adapters.keys.current.kid)
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
    }

    @Test("a token of another installation is refused although its key is known")
    func otherIssuer() async throws {
        try await withAccountsHouse { house in
            let adapters = try await house.adapters()
            for url in ["https://other.example.com", AccountsHouse.appURL] {
                let claims: JSONValue = [
                    "iss": .string(url), "aud": .string(url), "sub": .string(Tokens.user.id.description),
                    "sid": .string(Tokens.session().id.description), "iat": .integer(Tokens.now.seconds),
                    "exp": .integer(Tokens.now.seconds + 900),
                ]
                let key = adapters.keys.current
                let token = try JWT.sign(claims: claims.serialized, type: "at+jwt", kid: key.kid, with: key)
                let isTaken = try await adapters.tokens.claims(of: token, at: Tokens.now) != nil
                #expect(isTaken == (url == AccountsHouse.appURL))
            }
        }
    }

    @Test("an access token does not outlive its session")
    func accessTokenLifetime() async throws {
        try await withAccountsHouse { house in
            let tokens = try await house.adapters().tokens
            let session = Tokens.session(expiresAt: Tokens.now + .seconds(60))
            let token = try tokens.accessToken(for: Tokens.user, in: session, at: Tokens.now)
            #expect(token.lifetime == .seconds(60))
            let text = token.text.reveal()
            #expect(try await tokens.claims(of: text, at: session.expiresAt - .milliseconds(1)) != nil)
            #expect(try await tokens.claims(of: text, at: session.expiresAt) == nil)
        }
    }

    @Test("a refresh token is 72 bytes with session, generation, branch, secret and tag")
    func refreshTokenFormat() async throws {
        try await withAccountsHouse { house in
            let token = try await house.adapters().tokens.refreshToken(for: Tokens.session(), at: Tokens.now)
            let text = token.text.reveal()
            let bytes = try #require(Base64URL.decode(text))
            #expect(bytes.count == 72)
            #expect(Array(bytes.prefix(16)) == Tokens.session().id.value.bytes)
            #expect(token.record.hash == SHA256.hash(Array(text.utf8)))
        }
    }

    @Test("a refresh token lives 30 days, but not longer than its session")
    func refreshTokenLifetime() async throws {
        try await withAccountsHouse { house in
            let tokens = try await house.adapters().tokens
            let short = tokens.refreshToken(for: Tokens.session(), at: Tokens.now)
            #expect(short.record.expiresAt == Tokens.session().expiresAt)
            let long = tokens.refreshToken(
                for: Tokens.session(expiresAt: Tokens.now + .seconds(180 * 86_400)), at: Tokens.now)
            #expect(long.record.expiresAt == Tokens.now + .seconds(30 * 86_400))
        }
    }
}
