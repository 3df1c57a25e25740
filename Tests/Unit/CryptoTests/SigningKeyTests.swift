import Crypto
import JSON
import Shared
import Testing

@Suite("Signing keys")
struct SigningKeyTests {
    private let message = Array("message".utf8)

    @Test("a generated key survives being stored, and keeps its name", arguments: SigningAlgorithm.allCases)
    func stored(algorithm: SigningAlgorithm) throws {
        let key = try PrivateSigningKey.generate(algorithm)
        let read = try PrivateSigningKey(algorithm, serialized: key.serialized)
        #expect(key.algorithm == algorithm)
        #expect(read.algorithm == algorithm)
        #expect(read.kid == key.kid)
        #expect(read.serialized.reveal() == key.serialized.reveal())
        #expect(try key.publicKey.verify(read.sign(message), for: message))
        #expect(try PrivateSigningKey.generate(algorithm).kid != key.kid)
    }

    @Test("a public key survives being published", arguments: [SigningAlgorithm.es256, .rs256, .edDSA])
    func published(algorithm: SigningAlgorithm) throws {
        let key = try PrivateSigningKey.generate(algorithm)
        let jwk = try #require(key.publicKey.jwk)
        let read = try PublicVerificationKey(jwk: jwk)
        #expect(read.algorithm == algorithm)
        #expect(read.kid == key.kid)
        #expect(read.jwk == jwk)
        #expect(try read.verify(key.sign(message), for: message))
        #expect(jwk["alg"] == .string(algorithm.rawValue))
        #expect(jwk["use"] == "sig")
        #expect(jwk["key_ops"] == ["verify"])
        #expect(jwk["kid"] == .string(key.kid))
        #expect(Set(jwk.keys).isDisjoint(with: ["d", "p", "q", "dp", "dq", "qi", "k"]))
    }

    @Test("an HS256 key has no JWK, and its name does not tell the secret")
    func symmetric() throws {
        let raw = [UInt8](repeating: 7, count: 32)
        let key = try PrivateSigningKey(.hs256, serialized: Secret(raw))
        #expect(key.publicKey.jwk == nil)
        #expect(key.kid.utf8.count == 22)
        #expect(key.kid != Base64URL.encode(SHA256.hash(raw).prefix(16)))
        #expect(throws: SigningKeyError.tooWeak) {
            try PrivateSigningKey(.hs256, serialized: Secret(Array(raw.dropLast())))
        }
    }

    @Test("SEC 1 and PKCS #8 of one key are one key, also behind a block of parameters and other text")
    func pemForms() throws {
        let key = try PrivateSigningKey(pem: secret(PEM.p256))
        let parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
        for pem in [PEM.p256SEC1, parameters + PEM.p256SEC1, "our key\r\n\r\n" + PEM.p256 + "\n"] {
            let read = try PrivateSigningKey(pem: secret(pem))
            #expect(read.kid == key.kid)
            #expect(read.algorithm == .es256)
            #expect(read.serialized.reveal() == key.serialized.reveal())
        }
    }

    @Test(
        "a PEM file that holds no usable key is refused with the reason",
        arguments: [
            ("", SigningKeyError.unreadable),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", .unreadable),
            (PEM.rsa1024, .tooWeak), (PEM.p384, .unsupported), (PEM.encrypted, .encrypted),
            (PEM.inconsistent, .inconsistent),
        ])
    func pemRefused(pem: String, error: SigningKeyError) {
        #expect(throws: error) { try PrivateSigningKey(pem: secret(pem)) }
    }

    @Test("stored bytes of another algorithm, cut, or with something behind them are refused")
    func serializedRefused() throws {
        let p256 = try PrivateSigningKey(pem: secret(PEM.p256)).serialized.reveal()
        #expect(throws: SigningKeyError.unsupported) { try PrivateSigningKey(.edDSA, serialized: Secret(p256)) }
        #expect(throws: SigningKeyError.unsupported) { try PrivateSigningKey(.rs256, serialized: Secret(p256)) }
        for damaged in [[], Array(p256.dropLast()), p256 + [0]] {
            #expect(throws: SigningKeyError.unreadable) {
                try PrivateSigningKey(.es256, serialized: Secret(damaged))
            }
        }
    }

    private static let x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
    private static let y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"

    @Test(
        "a JWK that is no sound public signature key is refused",
        arguments: [
            ("{}", SigningKeyError.unsupported),
            (#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr8"}"#, .unsupported),
            (#"{"kty":"EC","crv":"P-384","x":"\#(x)","y":"\#(y)"}"#, .unsupported),
            (#"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(x)"}"#, .unreadable),
            (#"{"kty":"EC","crv":"P-256","x":"\#(x)"}"#, .unreadable),
            (#"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(y)="}"#, .unreadable),
            (#"{"kty":"EC","crv":"P-256","x":"\#(x)AA","y":"\#(y)"}"#, .unreadable),
            (#"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(y)","alg":"ES384"}"#, .unsupported),
            (#"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(y)","alg":"HS256"}"#, .unsupported),
            (#"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(y)","use":"enc"}"#, .unsupported),
            (#"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(y)","key_ops":["sign"]}"#, .unsupported),
            (#"{"kty":"OKP","crv":"X25519","x":"\#(x)"}"#, .unsupported),
            (#"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#, .unreadable),
            (#"{"kty":"RSA","n":"","e":"AQAB"}"#, .unreadable),
            (#"{"kty":"RSA","n":"\#(x)","e":"AQAB"}"#, .tooWeak),
            (#"{"kty":"RSA","n":"\#(String(repeating: "_", count: 344))","e":"AQ"}"#, .tooWeak),
            (#"{"kty":"RSA","n":"\#(String(repeating: "_", count: 1_366))8","e":"AQAB"}"#, .unsupported),
            (#"{"kty":"RSA","n":"\#(String(repeating: "_", count: 20_000))","e":"AQAB"}"#, .unreadable),
        ])
    func jwkRefused(text: String, error: SigningKeyError) throws {
        guard case .object(let jwk) = try JSONValue(parsing: Array(text.utf8)) else {
            Issue.record("not an object")
            return
        }
        #expect(throws: error) { try PublicVerificationKey(jwk: jwk) }
    }

    @Test("a JWK keeps the name that its issuer gave it")
    func jwkName() throws {
        let key = try PublicVerificationKey(
            jwk: JSONObject([
                ("kty", "EC"), ("crv", "P-256"), ("x", .string(Self.x)), ("y", .string(Self.y)), ("kid", "2026-01"),
            ]))
        #expect(key.kid == "2026-01")
    }

    @Test("one key signs and verifies in many tasks at once", arguments: SigningAlgorithm.allCases)
    func shared(algorithm: SigningAlgorithm) async throws {
        let key = try PrivateSigningKey.generate(algorithm)
        let publicKey = key.publicKey
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<8 {
                group.addTask {
                    for round in 0..<20 {
                        let message = Array("\(number) \(round)".utf8)
                        guard try publicKey.verify(key.sign(message), for: message) else { return false }
                    }
                    return true
                }
            }
            for try await verified in group { #expect(verified) }
        }
    }
}
