import Crypto
import JSON
import Shared
import Testing

@Suite("Keys and tokens of other issuers")
struct ForeignKeyTests {
    // Made with PyJWT 2.15 and thrown away.
    private let modulus: String =
        "tfa2RU65Ntfyd20Ll4lqvjVozwRUUVg0Hw4KIIZDyU8E70kp9HRjVgKqvLEgjUWsR63ZrZZkE1el5mJ0Dhk6Ff6AAEmH96wG1E73"
        + "79HAMZmmMeVvutNkAgHAOSe00M6wG99s4AOLBz--bSC_4NKsWTwvz-RDGOsBJ1ZEHJnu7V5XQZKRCOVnujgagjIEQMbKzU4A6lww"
        + "CpnHaxIaQ1xFTsIrUnRug86M8ZqB9GEl1m11o0a4IE0KmpfxrM5s4Lz2myxzKXPEvdrIS2XcwYWu9Pyjlmu3Yp6E5soI9HGQ2F2Y"
        + "xFDoT1qgR45CY-7G0ek6Z2Ahi-MnYlI0zUJQxfXfjQ"
    private let pss: String =
        "eyJhbGciOiJQUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0.eyJzdWIiOiJhbmEifQ.Yhf8jDvcYgZqrVIGJkMMHBUJSqSvC"
        + "02KW50anCUp0Py-ovByd1tfaYRYlfqLD03DisYted7_qmfXdoVFS-dyy7z1Ts-T-eTK1DeZbKKx5yfZYggr72wQkvAgz0Gq6a6iq"
        + "v9XL6oEEaJOhJTZTPRpUkjx5EjRKNpUGHFGVaRyaPNIbykoChVBFQ6FCjNc1Kf5uPwDu7HkD5jSN5Y-HULk1uBDcZFswtJkM9R1L"
        + "-RWGZ7L5ASgUJgHbJ_SdAlk6t7yOdZYkR_4U6JPIwXgvljVI4dvplz-2J-MCd0YS0OdAtRXZF_ByJwm7kztTjv4nKkVCFI1LFwxZ"
        + "Vb9WGt_FSlfqA"
    private let pkcs1: String =
        "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0.eyJzdWIiOiJhbmEifQ.EoJXZUIU_xp5tkVwRXqx1h95ZDedQ"
        + "LMr4yNSpwss2KbQgmvPd2U0TmD95p57H0bMaWNK9g3_ecS9FViilrRfo0_gqSBaj9Pqk_EhWgbvL7agHs_-4M4onHeKwYOY1HQ6H"
        + "Nt6Wu-0TUa0LbklAsWIy72Q8sFRs0MOPobN3ZTVx_KACpqkFjVI7_-5dmU-QTRvUlk1Fh9aOOy6Gdaay8QbHZPD0s4RpOntCXZEH"
        + "rZLiwpqZSpv10SbZ_cyDGPNsa8qC5zl0FL5XCj3oCOqXB_U71LWBsiV68Gd5FxcY6UCV75QJXB46DuL57p7RM4MzZ8o3LLDED7FH"
        + "hEvtc9J9i_nig"

    private func key(_ more: [(String, JSONValue)] = []) throws -> ForeignKey {
        var jwk: JSONObject = ["kty": "RSA", "n": .string(modulus), "e": "AQAB", "kid": "k1"]
        for (name, value) in more { jwk[name] = value }
        return try ForeignKey(jwk: jwk)
    }

    private func token(_ text: String) throws -> ForeignToken { try ForeignToken(text, sizeMax: .kibibytes(16)) }

    @Test("an RSA key without an algorithm verifies RS256 and PS256, each by its own padding")
    func paddings() throws {
        let key = try key()
        #expect(key.kid == "k1")
        #expect(try token(pss).isSigned(by: key, with: .ps256))
        #expect(try token(pkcs1).isSigned(by: key, with: .rs256))
        #expect(try !token(pss).isSigned(by: key, with: .rs256))
        #expect(try !token(pkcs1).isSigned(by: key, with: .ps256))
    }

    @Test("a key that names its algorithm verifies no other")
    func named() throws {
        let key = try key([("alg", "PS256")])
        #expect(key.algorithms == [.ps256])
        #expect(try token(pss).isSigned(by: key, with: .ps256))
        #expect(try !token(pkcs1).isSigned(by: key, with: .rs256))
    }

    @Test("a changed payload is not signed")
    func changed() throws {
        let parts = pss.split(separator: ".")
        let other = Base64URL.encode(Array(#"{"sub":"budi"}"#.utf8))
        #expect(try !token("\(parts[0]).\(other).\(parts[2])").isSigned(by: key(), with: .ps256))
    }

    @Test(
        "keys of other uses and kinds, and secrets, are none",
        arguments: [
            ["use": "enc"], ["alg": "RSA-OAEP"], ["alg": "none"], ["key_ops": ["encrypt"]],
            ["kty": "oct", "k": "AAAA"],
            ["kty": "EC", "crv": "P-521"], ["kid": 7],
        ] as [JSONObject])
    func refused(members: JSONObject) throws {
        var jwk: JSONObject = ["kty": "RSA", "n": .string(modulus), "e": "AQAB"]
        for member in members.members { jwk[member.key] = member.value }
        #expect(throws: SigningKeyError.self) { try ForeignKey(jwk: jwk) }
    }

    @Test("a public key is no secret of HS256")
    func confusion() throws {
        #expect(try !key().algorithms.contains(.hs256))
        #expect(throws: SigningKeyError.tooWeak) { try ForeignKey(secret: secret("short")) }
        let shared = try ForeignKey(secret: secret("a secret of thirty-two bytes or so"))
        #expect(shared.algorithms == [.hs256])
        #expect(try !token(pss).isSigned(by: shared, with: .ps256))
    }

    @Test("an encrypted token has five parts and is refused, like one over the size")
    func shapes() {
        #expect(throws: JWTError.malformed) { try ForeignToken("e30.e30.e30.e30.e30", sizeMax: .kibibytes(16)) }
        #expect(throws: JWTError.oversized) { try ForeignToken(pss, sizeMax: ByteCount(bytes: 100)) }
    }

    @Test("SHA-512 of abc (FIPS 180-4, example), as at_hash of EdDSA takes it")
    func sha512() {
        let digest = ForeignAlgorithm.edDSA.digest(Array("abc".utf8))
        #expect(Hex.encode(digest).hasPrefix("ddaf35a193617abacc417349ae204131"))
        #expect(ForeignAlgorithm.es256.digest(Array("abc".utf8)) == SHA256.hash(Array("abc".utf8)))
    }
}
