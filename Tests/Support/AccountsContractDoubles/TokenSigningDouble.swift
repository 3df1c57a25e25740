import AccountsContract
import Crypto

/// Signs with a key of its own.
package struct TokenSigningDouble: TokenSigning {
    package let key: PrivateSigningKey
    package let issuer = "http://localhost:8080"

    package init() throws { key = try PrivateSigningKey.generate(.es256) }

    package var keyID: String { key.kid }

    package func sign(claims: [UInt8], type: String) throws -> SignedToken {
        SignedToken(text: try JWT.sign(claims: claims, type: type, kid: key.kid, with: key), keyID: key.kid)
    }
}
