import Crypto
import JSON
import Shared
import Testing

@Suite("Forged tokens")
struct ForgedTokenTests {
    private let forge: TokenForge
    private let honest: String

    init() throws {
        forge = try TokenForge()
        honest = try forge.token(forge.header, forge.claims)
    }

    @Test("the honest token is good, so that what follows is refused for its forgery")
    func honestToken() {
        #expect(forge.verdict(on: honest) == nil)
    }

    @Test("no algorithm but the key's own is taken")
    func algorithm() throws {
        for name in ["none", "None", "NONE", "", "es256", "ES384", "RS256", "HS256", "EdDSA"] {
            let header = #"{"alg":"\#(name)","typ":"at+jwt","kid":"\#(forge.key.kid)"}"#
            #expect(try forge.verdict(on: forge.token(header, forge.claims) { _ in [] }) == .algorithm)
            #expect(try forge.verdict(on: forge.token(header, forge.claims)) == .algorithm)
        }
        for value in ["null", "[\"ES256\"]", "256"] {
            let header = #"{"alg":\#(value),"typ":"at+jwt","kid":"\#(forge.key.kid)"}"#
            #expect(try forge.verdict(on: forge.token(header, forge.claims)) == .algorithm)
        }
    }

    @Test("an HMAC under the public key's bytes is no signature")
    func publicKeyAsSecret() throws {
        let jwk = try #require(forge.key.publicKey.jwk)
        let point = ["x", "y"].flatMap { jwk[$0]?.text.flatMap { Base64URL.decode($0) } ?? [] }
        #expect(point.count == 64)
        let secrets = [JSONValue.object(jwk).serialized, point, [0x04] + point]
        for secret in secrets {
            let key = HMACKey(Secret(secret))
            let header = #"{"alg":"HS256","typ":"at+jwt","kid":"\#(forge.key.kid)"}"#
            #expect(try forge.verdict(on: forge.token(header, forge.claims, sign: key.authenticate)) == .algorithm)
            #expect(
                try forge.verdict(on: forge.token(forge.header, forge.claims, sign: key.authenticate)) == .signature)
        }
    }

    @Test("a change of any one character is refused")
    func changedCharacter() {
        let bytes = Array(honest.utf8)
        for index in bytes.indices {
            var changed = bytes
            changed[index] = bytes[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(forge.verdict(on: String(decoding: changed, as: UTF8.self)) != nil, "at \(index)")
        }
    }

    @Test("a change that reads well in header, claims or signature fails the signature")
    func changedPart() throws {
        let parts = honest.split(separator: ".")
        let header = Base64URL.encode(forge.header.replacing("}", with: #","x":1}"#).utf8)
        let claims = Base64URL.encode(forge.claims.replacing("user", with: "root").utf8)
        let signature = try Base64URL.encode(forge.key.sign(Array("other".utf8)))
        #expect(forge.verdict(on: "\(header).\(parts[1]).\(parts[2])") == .signature)
        #expect(forge.verdict(on: "\(parts[0]).\(claims).\(parts[2])") == .signature)
        #expect(forge.verdict(on: "\(parts[0]).\(parts[1]).\(signature)") == .signature)
        #expect(forge.verdict(on: "\(parts[0]).\(parts[1]).") == .signature)
    }

    @Test("any critical extension is refused, also an empty list of them")
    func critical() throws {
        for crit in [#"["exp"]"#, #"["b64"]"#, "[]", "null", #""exp""#] {
            let header = forge.header.replacing("}", with: #","crit":\#(crit)}"#)
            #expect(try forge.verdict(on: forge.token(header, forge.claims)) == .criticalHeader)
        }
    }

    @Test("a token over 8 KiB is refused before its key is looked for, one of 8 KiB is not")
    func oversized() throws {
        for length in [8_193, 20_480] {
            var askedForKey = false
            let token = String(repeating: "A", count: length)
            #expect(throws: JWTError.oversized) {
                try forge.verifier.verify(token, at: TokenForge.now) { _ in
                    askedForKey = true
                    return nil
                }
            }
            #expect(!askedForKey)
        }
        #expect(forge.verdict(on: String(repeating: "A", count: 8_192)) == .malformed)
        let padding = String(repeating: "a", count: 5_000)
        let long = forge.claims.replacing("user", with: padding)
        #expect(try forge.verdict(on: forge.token(forge.header, long)) == nil)
    }

    @Test("anything but three parts of strict base64url is malformed")
    func form() {
        let parts = honest.split(separator: ".")
        let (header, claims, signature) = (parts[0], parts[1], parts[2])
        for token in [
            "", ".", "..", "...", "a", "a.b", "a.b.c", "\(header).\(claims)", "\(honest) \(honest)",
            "\(header)%2e\(claims)%2e\(signature)", "\(header)\t.\(claims).\(signature)", "\(honest).", ".\(honest)",
            "\(honest).\(signature)",
            "\(header)..\(claims).\(signature)", "\(header)=.\(claims).\(signature)",
            "\(header).\(claims)=.\(signature)",
            "\(honest)=", "\(honest)==", " \(honest)", "\(honest) ", "\(honest)\n", "\(header).\(claims) .\(signature)",
            "\(header).\(claims).\(signature.dropLast())+", "\(header).\(claims).\(signature)AAA",
            "\(header).\(claims).\(signature.dropLast())B", "\(honest)\u{0}",
            "Bearer \(honest)", ".\(claims).\(signature)", "\(header)..\(signature)",
            "\(header)\n.\(claims).\(signature)", "\(header).\n\(claims).\(signature)",
            "\(header).\(claims).\r\n\(signature)",
            "\(header).\(claims).\(signature)\u{E9}", "\u{FEFF}\(honest)",
            "\(header)\u{FF0E}\(claims)\u{FF0E}\(signature)",
            #"{"payload":"\#(claims)","protected":"\#(header)","signature":"\#(signature)"}"#,
            #"{"payload":"\#(claims)","signatures":[{"protected":"\#(header)","signature":"\#(signature)"}]}"#,
        ] {
            #expect(forge.verdict(on: token) == .malformed, "\(token)")
        }
    }

    @Test("header and claims must be strict JSON objects")
    func json() throws {
        let key = forge.key.kid
        for header in [
            #"{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"\#(key)"}"#,
            #"{"alg":"ES256","typ":"at+jwt","kid":"\#(key)","kid":"\#(key)"}"#,
            #"{"alg":"ES256","\u0061lg":"none","typ":"at+jwt","kid":"\#(key)"}"#,
            #"{"\u0061l\u0067":"none","alg":"ES256","typ":"at+jwt","kid":"\#(key)"}"#,
            #"{"alg":"ES256","typ":"at+jwt","kid":"\#(key)",}"#, #"{"typ":"at+jwt","kid":"\#(key)"}"#,
            #"{"alg":"ES256","typ":"at+jwt"}"#, #"{"alg":"ES256","typ":"at+jwt","kid":1}"#, "[]", "null", "\"ES256\"",
            "",
            "\u{FEFF}\(forge.header)", "\(forge.header)x",
        ] {
            #expect(try forge.verdict(on: forge.token(header, forge.claims)) == .malformed, "\(header)")
        }
        for claims in [
            "", "[]", "null", "1", "{", String(forge.claims.dropLast()) + #","exp":9999999999}"#,
            forge.claims(exp: nil),
            forge.claims(exp: "null"), forge.claims(exp: #""1800000060""#), forge.claims(iat: #""now""#),
            forge.claims(nbf: "[]"), forge.claims(nbf: "true"), forge.claims(nbf: #""tomorrow""#),
            forge.claims(exp: "true"),
        ] {
            #expect(try forge.verdict(on: forge.token(forge.header, claims)) == .malformed, "\(claims)")
        }
    }

    @Test("a token of another type, issuer, audience or key is refused as such")
    func otherUse() throws {
        for typ in [
            #""typ":"JWT","#, #""typ":"jwt","#, #""typ":"rt+jwt","#, #""typ":"application/application/at+jwt","#,
            #""typ":"","#, #""typ":null,"#, #""typ":1,"#, "",
        ] {
            let header = #"{\#(typ)"alg":"ES256","kid":"\#(forge.key.kid)"}"#
            #expect(try forge.verdict(on: forge.token(header, forge.claims)) == .type)
        }
        for iss in [
            #""https://evil.example""#, #""https://id.example/""#, #"["https://id.example"]"#, "null", #""""#, nil,
        ] {
            #expect(try forge.verdict(on: forge.token(forge.header, forge.claims(iss: iss))) == .issuer)
        }
        for aud in [#""https://evil.example""#, #"["a","b"]"#, "[]", #"[["https://app.example"]]"#, "{}", "null", nil] {
            #expect(try forge.verdict(on: forge.token(forge.header, forge.claims(aud: aud))) == .audience)
        }
        let header = forge.header.replacing(forge.key.kid, with: "other")
        #expect(try forge.verdict(on: forge.token(header, forge.claims)) == .unknownKey)
    }

    @Test("an issuer that only looks the same is another one")
    func canonicalEquivalence() throws {
        let verifier = JWTVerifier(type: "at+jwt", issuer: "https://\u{E9}.example", audience: "https://app.example")
        let token = try forge.token(forge.header, forge.claims(iss: "\"https://e\u{301}.example\""))
        let key = forge.key.publicKey
        #expect(throws: JWTError.issuer) { try verifier.verify(token, at: TokenForge.now) { _ in key } }
    }

    @Test("a token outside of its time is refused, before its signature is looked at")
    func time() throws {
        let wrong: ([UInt8]) -> [UInt8] = { _ in [UInt8](repeating: 1, count: 64) }
        for sign in [nil, wrong] {
            for (claims, error) in [
                (forge.claims(exp: "1799999999"), JWTError.expired), (forge.claims(exp: "1800000000"), .expired),
                (forge.claims(exp: "0"), .expired), (forge.claims(exp: "0.0"), .expired),
                (forge.claims(exp: "-1"), .expired),
                (forge.claims(iat: "1800000031"), .notYetValid), (forge.claims(nbf: "1800000031"), .notYetValid),
                (forge.claims(iss: #""x""#), .issuer),
            ] {
                #expect(try forge.verdict(on: forge.token(forge.header, claims, sign: sign)) == error)
            }
        }
    }

    @Test("an ES256 signature must be 64 bytes, not DER, with r and s in range")
    func signatureForm() throws {
        let order = bytes(hex: "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551")
        let zero = [UInt8](repeating: 0, count: 32)
        let high = [UInt8](repeating: 0xFF, count: 32)
        let rawParts = try forge.key.sign(Array(honest.split(separator: ".").dropLast().joined(separator: ".").utf8))
        let (r, s) = (Array(rawParts.prefix(32)), Array(rawParts.suffix(32)))
        for signature in [
            zero + zero, zero + s, r + zero, order + order, order + s, r + order, high + high, r + high, order + zero,
            Array(rawParts.dropLast()), rawParts + [0], [0] + rawParts, r + [0] + s, Self.der(r, s), s + r,
        ] {
            #expect(try forge.verdict(on: forge.token(forge.header, forge.claims) { _ in signature }) == .signature)
        }
        #expect(try forge.verdict(on: forge.token(forge.header, forge.claims) { _ in r + s }) == nil)
    }

    @Test("a signature of another length or key is refused by every algorithm", arguments: SigningAlgorithm.allCases)
    func otherSignature(algorithm: SigningAlgorithm) throws {
        let key = try PrivateSigningKey.generate(algorithm)
        let other = try PrivateSigningKey.generate(algorithm)
        let message = Array("message".utf8)
        let signature = try key.sign(message)
        #expect(key.publicKey.verify(signature, for: message))
        for wrong in try [
            other.sign(message), Array(signature.dropLast()), signature + [0], [], key.sign(message + [0]),
        ] {
            #expect(!key.publicKey.verify(wrong, for: message))
        }
    }

    /// `SEQUENCE { INTEGER r, INTEGER s }`, as other libraries write signatures.
    private static func der(_ r: [UInt8], _ s: [UInt8]) -> [UInt8] {
        let integers = [r, s].flatMap { number -> [UInt8] in
            let value = (number[0] >= 0x80 ? [0] : []) + number
            return [0x02, UInt8(value.count)] + value
        }
        return [0x30, UInt8(integers.count)] + integers
    }
}
