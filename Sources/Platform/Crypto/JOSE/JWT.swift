import JSON
import Shared

/// JSON Web Tokens (RFC 7519) in the compact form of JWS (RFC 7515).
package enum JWT {
    /// - Parameters:
    ///   - claims: a JSON object, as it shall stand in the token.
    ///   - type: such as `at+jwt`, so that no token can be taken for one of another use (RFC 8725 § 3.11).
    ///   - kid: by which the verifier finds the key.
    /// - Throws: `InternalFailure` if the library fails.
    package static func sign(
        claims: [UInt8], type: String, kid: String, with key: PrivateSigningKey
    ) throws -> String {
        var header = JSONWriter(capacity: 128)
        header.object { header in
            header.key("alg")
            header.string(key.algorithm.rawValue)
            header.key("typ")
            header.string(type)
            header.key("kid")
            header.string(kid)
        }
        var token = Base64URL.encodeBytes(header.bytes)
        token.append(UInt8(ascii: "."))
        token += Base64URL.encodeBytes(claims)
        let signature = try key.sign(token)
        token.append(UInt8(ascii: "."))
        token += Base64URL.encodeBytes(signature)
        return String(decoding: token, as: UTF8.self)
    }
}
