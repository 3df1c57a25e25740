import Crypto
import JSON
import Shared
import Testing

/// Keys that others could offer and that must not be used. The names in brackets are those of the groups of
/// Wycheproof's json_web_key and json_web_signature test vectors that each stands for.
@Suite("JSON Web Keys that must not be used")
struct WeakKeyTests {
    private static let x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
    private static let y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
    private static let ed25519 = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"

    /// A modulus of 2,048 bits that is 65,537^12,345 modulo each prime from 3 to 167, as those of the library are.
    private static let roca =
        "gAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAbFQQE9AyYyTftpX_s6GJDHgJK01Cso_vArnAFO"
        + "pawG2GTC8uOUA1YNl9rjjZ1kPCX7sjC72SpKorQQ2TxO-8jWCyH7rHglXWgHkjmGu5aKQ31cjfxe2pLYZKxdudcHEH6FXDhE"
        + "KeghpMdIA-MboWIVgig9FansCAZwX8oWFiK9eV_siY-8-7BQrKsaa8adS9iz-nqn4fq514x-E09d-9PRLEo2mKosoa9qEHt1"
        + "Z39svcwir1i-ZSHMPbQ5MEy_KUTb6-5bb5IolLafXSU5kTWq6ytUPQ"

    private static func ec(_ changes: (String, JSONValue?)...) -> JSONObject {
        changed(["kty": "EC", "crv": "P-256", "x": .string(x), "y": .string(y)], changes)
    }

    private static func rsa(_ changes: (String, JSONValue?)...) throws -> JSONObject {
        let jwk = try #require(PrivateSigningKey(pem: secret(PEM.rsa)).publicKey.jwk)
        return changed(jwk, changes)
    }

    private static func changed(_ jwk: JSONObject, _ changes: [(String, JSONValue?)]) -> JSONObject {
        JSONObject(
            jwk.keys.compactMap { key in
                if let change = changes.first(where: { $0.0 == key }) { return change.1.map { (key, $0) } }
                return jwk[key].map { (key, $0) }
            } + changes.compactMap { key, value in jwk[key] == nil ? value.map { (key, $0) } : nil })
    }

    private func refusal(of jwk: JSONObject) -> SigningKeyError? {
        do {
            _ = try PublicVerificationKey(jwk: jwk)
            return nil
        } catch {
            return error as? SigningKeyError
        }
    }

    @Test("the keys that the others start from are good")
    func honest() throws {
        #expect(refusal(of: Self.ec()) == nil)
        #expect(try refusal(of: Self.rsa()) == nil)
        #expect(refusal(of: ["kty": "OKP", "crv": "Ed25519", "x": .string(Self.ed25519)]) == nil)
    }

    @Test("a secret is no public key, of whatever length and for whatever use (MixedKeySet, empty_key, rejectsAesKey)")
    func symmetric() {
        for algorithm in ["HS256", "HS384", "HS512", "A256GCM", "A256KW"] {
            for secret in ["", "AA", "-ebuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE"] {
                let jwk: JSONObject = ["kty": "oct", "alg": .string(algorithm), "use": "sig", "k": .string(secret)]
                #expect(refusal(of: jwk) == .unsupported)
            }
        }
        #expect(throws: SigningKeyError.tooWeak) { try PrivateSigningKey(.hs256, serialized: Secret([])) }
    }

    @Test("a key for another algorithm is refused (mismatchedAlgAndCurve, rsa_encryption)")
    func otherAlgorithm() throws {
        for name in ["ES521", "ES224", "ES384", "ES256K", "RS256", "HS256", "EdDSA", "es256", "none", ""] {
            #expect(refusal(of: Self.ec(("alg", .string(name)))) == .unsupported)
        }
        for name in ["RSA1_5", "RSA-OAEP", "PS256", "RS384", "RS512", "RS1", "ES256", "HS256"] {
            #expect(try refusal(of: Self.rsa(("alg", .string(name)))) == .unsupported)
        }
        for value: JSONValue in [nil, 256, true, ["ES256"], [:]] {
            #expect(refusal(of: Self.ec(("alg", value))) == .unsupported)
        }
    }

    @Test("a key for another use is refused (rejectWrongUse, rejectWrongKeyOps)")
    func otherUse() throws {
        for use: JSONValue in ["enc", "SIG", "", nil, ["sig"], 1] {
            #expect(refusal(of: Self.ec(("use", use))) == .unsupported)
            #expect(try refusal(of: Self.rsa(("use", use))) == .unsupported)
        }
        for operations: JSONValue in [
            ["encrypt"], ["sign"], ["deriveKey"], ["VERIFY"], [], "verify", nil, [["verify"]], ["verify": true],
        ] {
            #expect(refusal(of: Self.ec(("key_ops", operations))) == .unsupported)
            #expect(try refusal(of: Self.rsa(("key_ops", operations))) == .unsupported)
        }
        #expect(refusal(of: Self.ec(("use", "sig"), ("key_ops", ["verify"]), ("alg", "ES256"))) == nil)
    }

    @Test("a key of another type or curve is refused (wrong_kty, wrong_curve)")
    func otherType() throws {
        for curve: JSONValue in ["P-384", "P-521", "secp256k1", "p-256", "Ed25519", "", nil, 256] {
            #expect(refusal(of: Self.ec(("crv", curve))) == .unsupported)
        }
        for curve: JSONValue in ["Ed448", "X25519", "X448", "P-256", "ed25519", nil] {
            #expect(refusal(of: ["kty": "OKP", "crv": curve, "x": .string(Self.ed25519)]) == .unsupported)
        }
        for type: JSONValue in ["oct", "OKP", "ec", "EC2", "", nil, ["EC"]] {
            #expect(refusal(of: Self.ec(("kty", type))) == .unsupported)
        }
        #expect(refusal(of: Self.ec(("kty", "RSA"))) == .unreadable)
        #expect(try refusal(of: Self.rsa(("kty", "EC"), ("crv", "P-256"), ("alg", "ES256"))) == .unreadable)
    }

    @Test("a P-256 point off the curve, not reduced or of another length is refused (invalid_point)")
    func pointsOfP256() {
        let zero = String(repeating: "A", count: 43)
        for (x, y) in [
            (Self.x, "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5aw"), (Self.y, Self.x), (zero, zero),
            (zero, Self.y), (Self.x, zero), (Self.x, Self.x), ("", ""), (Self.x, "\(Self.y)AA"), (Self.x, "AA"),
            (String(repeating: "_", count: 42) + "8", Self.y),
        ] {
            #expect(refusal(of: Self.ec(("x", .string(x)), ("y", .string(y)))) == .unreadable, "\(x) \(y)")
        }
        // The point with x = 5, and the same with x + p: two texts of one key.
        let five = String(repeating: "A", count: 42) + "U"
        let unreduced = "_____wAAAAEAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAQ"
        let y = "RZJDuapYGAb-kTvOmYF63hHKUDxk2aPFM0FcCDJI-8w"
        #expect(refusal(of: Self.ec(("x", .string(five)), ("y", .string(y)))) == nil)
        #expect(refusal(of: Self.ec(("x", .string(unreduced)), ("y", .string(y)))) == .unreadable)
        for value: JSONValue? in [Optional.none, .null, 1, [.string(Self.x)]] {
            #expect(refusal(of: Self.ec(("x", value))) == .unreadable)
        }
    }

    @Test("an Ed25519 point of small order, off the curve or written in another way is refused")
    func pointsOfEd25519() {
        let rest = String(repeating: "f", count: 60)
        for point in [
            "0100000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            "ec\(rest)7f", "ed\(rest)7f", "ed\(rest)ff", "ee\(rest)7f", "ee\(rest)ff", "ff\(rest)ff",
            // y = 2 is on no point.
            "0200000000000000000000000000000000000000000000000000000000000000",
        ] {
            let x = Base64URL.encode(bytes(hex: point))
            #expect(refusal(of: ["kty": "OKP", "crv": "Ed25519", "x": .string(x)]) == .unreadable, "\(point)")
        }
    }

    @Test("an RSA key that is small, no key, or can be factored is refused (rejects1024bitRsaKey, exponentOne, ROCA)")
    func rsa() throws {
        for exponent in ["AQ", "AAE", "AA", "AAAA", "Ag", "BA", "AQAA"] {
            #expect(try refusal(of: Self.rsa(("e", .string(exponent)))) == .tooWeak, "\(exponent)")
        }
        for exponent: JSONValue? in [Optional.none, .null, 65_537, "", "AQAB=", "AQABAQABAQABAQAB"] {
            #expect(try refusal(of: Self.rsa(("e", exponent))) == .unreadable)
        }
        let small = try #require(Base64URL.decode(Self.roca)).prefix(128)
        #expect(try refusal(of: Self.rsa(("n", .string(Base64URL.encode(small))))) == .tooWeak)
        #expect(
            try refusal(of: Self.rsa(("n", .string(Base64URL.encode([UInt8](repeating: 0, count: 256)))))) == .tooWeak)
        let even = [UInt8](repeating: 0xFF, count: 255) + [0xFE]
        #expect(try refusal(of: Self.rsa(("n", .string(Base64URL.encode(even))))) == .tooWeak)
        #expect(try refusal(of: Self.rsa(("n", .string(Self.roca)))) == .tooWeak)
        // Its neighbours do not have the mark: two more is odd too, and another number for every prime.
        var other = try #require(Base64URL.decode(Self.roca))
        other[255] &+= 2
        #expect(try refusal(of: Self.rsa(("n", .string(Base64URL.encode(other))))) == nil)
        // Small and still sound, since a signature is compared as a whole.
        #expect(try refusal(of: Self.rsa(("e", "Aw"))) == nil)
    }

    @Test("a name that is no text is refused, not passed over")
    func names() {
        for name: JSONValue in [nil, 1, true, ["a"], [:]] {
            #expect(refusal(of: Self.ec(("kid", name))) == .unreadable)
        }
        #expect(refusal(of: Self.ec(("kid", ""))) == nil)
    }

    @Test("what does not belong to a public key is not read", arguments: ["d", "x5c", "x5u", "jku", "k", "oth"])
    func otherMembers(name: String) throws {
        let key = try PublicVerificationKey(jwk: Self.ec((name, "AAAA")))
        #expect(key.jwk?[name] == nil)
        #expect(try key.kid == PublicVerificationKey(jwk: Self.ec()).kid)
    }
}
