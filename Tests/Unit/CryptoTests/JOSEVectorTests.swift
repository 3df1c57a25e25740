import Crypto
import JSON
import Shared
import Testing

/// The examples of RFC 7515 appendix A, RFC 7638 § 3.1 and RFC 8037 appendix A, by which other implementations are
/// built.
@Suite("JOSE examples of the RFCs")
struct JOSEVectorTests {
    static let payload =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

    @Test("RFC 7515 A.1: HS256 gives the signature")
    func hs256() throws {
        let secret = try #require(
            Base64URL.decode(
                "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"))
        let key = try PrivateSigningKey(.hs256, serialized: Secret(secret))
        let input = Array("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\(Self.payload)".utf8)
        let signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        #expect(try Base64URL.encode(key.sign(input)) == signature)
        #expect(try key.publicKey.verify(#require(Base64URL.decode(signature)), for: input))
        #expect(try !key.publicKey.verify(#require(Base64URL.decode(signature)), for: input + [0]))
    }

    @Test("RFC 7515 A.2: RS256 gives the signature")
    func rs256() throws {
        let key = try PrivateSigningKey(pem: secret(PEM.rsa))
        let input = Array("eyJhbGciOiJSUzI1NiJ9.\(Self.payload)".utf8)
        let signature =
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJd"
            + "bF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9"
            + "383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLI"
            + "hWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
        #expect(key.algorithm == .rs256)
        #expect(try Base64URL.encode(key.sign(input)) == signature)
        #expect(try key.publicKey.verify(#require(Base64URL.decode(signature)), for: input))
        #expect(try !key.publicKey.verify(#require(Base64URL.decode(signature)), for: input + [0]))
    }

    @Test("RFC 7515 A.3: ES256 verifies the signature, and its own")
    func es256() throws {
        let key = try PrivateSigningKey(pem: secret(PEM.p256))
        let input = Array("eyJhbGciOiJFUzI1NiJ9.\(Self.payload)".utf8)
        let signature = try #require(
            Base64URL.decode(
                "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"))
        #expect(key.algorithm == .es256)
        #expect(key.publicKey.verify(signature, for: input))
        #expect(!key.publicKey.verify(signature, for: input + [0]))
        #expect(key.publicKey.jwk?["x"] == "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")
        #expect(key.publicKey.jwk?["y"] == "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
        let own = try key.sign(input)
        #expect(own.count == 64)
        #expect(key.publicKey.verify(own, for: input))
    }

    @Test("RFC 8037 A.2 to A.5: Ed25519 gives the public key, the thumbprint and the signature")
    func ed25519() throws {
        let key = try PrivateSigningKey(pem: secret(PEM.ed25519))
        let input = Array("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".utf8)
        let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        #expect(key.algorithm == .edDSA)
        #expect(key.publicKey.jwk?["x"] == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
        #expect(key.kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
        #expect(try Base64URL.encode(key.sign(input)) == signature)
        #expect(try key.publicKey.verify(#require(Base64URL.decode(signature)), for: input))
        #expect(try !key.publicKey.verify(#require(Base64URL.decode(signature)), for: input + [0]))
    }

    @Test("RFC 7638 § 3.1: the thumbprint of an RSA key")
    func thumbprint() throws {
        let key = try PublicVerificationKey(
            jwk: JSONObject([
                ("kty", "RSA"),
                (
                    "n",
                    .string(
                        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebW"
                            + "KRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY36"
                            + "8QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM"
                            + "4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw")
                ),
                ("e", "AQAB"), ("alg", "RS256"),
            ]))
        #expect(key.kid == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
    }

    @Test("the thumbprint of the EC key of RFC 7515 A.3 is the one other implementations give")
    func thumbprintEC() throws {
        #expect(try PrivateSigningKey(pem: secret(PEM.p256)).kid == "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U")
    }
}
