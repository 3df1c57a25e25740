import Crypto
import Shared

/// Tokens as an attacker would write them, and the honest one they start from.
struct TokenForge {
    static let now = Timestamp(seconds: 1_800_000_000)
    static let key = Result { try PrivateSigningKey(pem: secret(PEM.p256)) }

    let key: PrivateSigningKey
    let verifier = JWTVerifier(type: "at+jwt", issuer: "https://id.example", audience: "https://app.example")

    init() throws {
        key = try Self.key.get()
    }

    var header: String { #"{"alg":"ES256","typ":"at+jwt","kid":"\#(key.kid)"}"# }

    var claims: String { claims() }

    /// The claims of a token that was issued a minute ago and lives for another.
    ///
    /// - Parameters: each a JSON value; nil leaves the claim out.
    func claims(
        iss: String? = #""https://id.example""#, aud: String? = #""https://app.example""#,
        exp: String? = "1800000060", nbf: String? = nil, iat: String? = "1799999940"
    ) -> String {
        let members = [("iss", iss), ("aud", aud), ("exp", exp), ("nbf", nbf), ("iat", iat), ("sub", #""user""#)]
        return "{" + members.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }.joined(separator: ",")
            + "}"
    }

    /// A token of these texts, with the signature that `sign` gives; nil signs rightly.
    func token(_ header: String, _ claims: String, sign: (([UInt8]) throws -> [UInt8])? = nil) throws -> String {
        let input = "\(Base64URL.encode(header.utf8)).\(Base64URL.encode(claims.utf8))"
        return try "\(input).\(Base64URL.encode((sign ?? key.sign)(Array(input.utf8))))"
    }

    /// What the verifier says: nil if the token is good.
    func verdict(on token: String, at now: Timestamp = now) -> JWTError? {
        do {
            _ = try verifier.verify(token, at: now) { $0.utf8.elementsEqual(key.kid.utf8) ? key.publicKey : nil }
            return nil
        } catch {
            return error
        }
    }
}
