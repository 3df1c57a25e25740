import Crypto
import JSON
import Shared
import Testing

@Suite("JSON Web Tokens")
struct JWTTests {
    private let forge: TokenForge

    init() throws {
        forge = try TokenForge()
    }

    @Test("a token that was signed verifies and gives its claims", arguments: SigningAlgorithm.allCases)
    func roundTrip(algorithm: SigningAlgorithm) throws {
        let key = try PrivateSigningKey.generate(algorithm)
        let token = try JWT.sign(claims: Array(forge.claims.utf8), type: "at+jwt", kid: key.kid, with: key)
        var askedFor: [String] = []
        let claims = try forge.verifier.verify(token, at: TokenForge.now) { kid in
            askedFor.append(kid)
            return key.publicKey
        }
        #expect(askedFor == [key.kid])
        #expect(claims == (try JSONValue(parsing: Array(forge.claims.utf8))))
    }

    @Test("the header says algorithm, type and key, and nothing else")
    func header() throws {
        let token = try JWT.sign(claims: Array("{}".utf8), type: "at+jwt", kid: "a\"b", with: forge.key)
        let header = try #require(token.split(separator: ".").first.flatMap { Base64URL.decode($0.utf8) })
        #expect(String(decoding: header, as: UTF8.self) == #"{"alg":"ES256","typ":"at+jwt","kid":"a\"b"}"#)
    }

    @Test(
        "the type matches in any case, with and without application/",
        arguments: ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"])
    func type(written: String) throws {
        let header = #"{"alg":"ES256","typ":"\#(written)","kid":"\#(forge.key.kid)"}"#
        #expect(try forge.verdict(on: forge.token(header, forge.claims)) == nil)
    }

    @Test("a verifier without a type takes tokens that have none or say JWT, and no others")
    func untyped() throws {
        let verifier = JWTVerifier(type: nil, issuer: "https://id.example", audience: "https://app.example")
        for (typ, error) in [("", nil), (#""typ":"JWT","#, nil), (#""typ":"at+jwt","#, JWTError.type)] {
            let token = try forge.token(#"{\#(typ)"alg":"ES256","kid":"k"}"#, forge.claims)
            let key = forge.key.publicKey
            if let error {
                #expect(throws: error) { try verifier.verify(token, at: TokenForge.now) { _ in key } }
            } else {
                #expect(try verifier.verify(token, at: TokenForge.now) { _ in key }["sub"] == "user")
            }
        }
    }

    @Test("the audience may be one of a list")
    func audiences() throws {
        let claims = forge.claims(aud: #"["https://other.example","https://app.example"]"#)
        #expect(try forge.verdict(on: forge.token(forge.header, claims)) == nil)
    }

    @Test("exp has no leeway, nbf and iat have 30 seconds, to the millisecond")
    func edges() throws {
        let now = TokenForge.now
        let token = try forge.token(forge.header, forge.claims(exp: "1800000000", iat: nil))
        #expect(forge.verdict(on: token, at: now - .milliseconds(1)) == nil)
        #expect(forge.verdict(on: token, at: now) == .expired)
        let early = try forge.token(forge.header, forge.claims(nbf: "1800000030", iat: "1800000030"))
        #expect(forge.verdict(on: early, at: now) == nil)
        #expect(forge.verdict(on: early, at: now - .milliseconds(1)) == .notYetValid)
    }

    @Test("dates may have fractions and any size")
    func dates() throws {
        let fraction = try forge.token(forge.header, forge.claims(exp: "1800000000.5"))
        #expect(forge.verdict(on: fraction, at: TokenForge.now + .milliseconds(499)) == nil)
        #expect(forge.verdict(on: fraction, at: TokenForge.now + .milliseconds(500)) == .expired)
        for (exp, error) in [
            ("1e300", nil), ("9223372036854775807", nil), ("-1e300", JWTError.expired), ("-1", .expired),
            ("0", .expired),
            ("-0.0", .expired), ("-9223372036854775808", .expired), ("99999999999999999999", .malformed),
            ("1e999", .malformed),
        ] {
            #expect(try forge.verdict(on: forge.token(forge.header, forge.claims(exp: exp))) == error)
        }
        for (iat, error) in [("-1e300", nil), ("-9223372036854775808", nil), ("1e300", JWTError.notYetValid)] {
            #expect(try forge.verdict(on: forge.token(forge.header, forge.claims(iat: iat))) == error)
        }
    }

    @Test("a key that the token brings or points to changes nothing")
    func embeddedKey() throws {
        let jwk = String(decoding: JSONValue.object(try #require(forge.key.publicKey.jwk)).serialized, as: UTF8.self)
        let members = #""jwk":\#(jwk),"jku":"https://evil.example","x5u":"https://evil.example","b64":false"#
        let header = #"{"alg":"ES256","typ":"at+jwt","kid":"\#(forge.key.kid)",\#(members)}"#
        #expect(try forge.verdict(on: forge.token(header, forge.claims)) == nil)
        let unknown = #"{"alg":"ES256","typ":"at+jwt","kid":"unknown",\#(members)}"#
        #expect(try forge.verdict(on: forge.token(unknown, forge.claims)) == .unknownKey)
    }
}
