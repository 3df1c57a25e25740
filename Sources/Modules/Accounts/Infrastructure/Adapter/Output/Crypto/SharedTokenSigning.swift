import AccountsContract
import Crypto
import Shared

/// The signing keys, for what other modules state. With `ALGORITHM=HS256` another key than that of access tokens: who
/// gets such a token verifies it, and must not be able to make one.
struct SharedTokenSigning: TokenSigning {
    let keys: SigningKeys
    let issuer: String

    var keyID: String { keys.shared?.kid ?? "" }

    func sign(claims: [UInt8], type: String) throws -> SignedToken {
        // `application/` may stand in front of it (RFC 7515 § 4.1.9).
        guard type.split(separator: "/").last?.lowercased() != SessionTokenIssuer.type else {
            throw InternalFailure("access tokens are made by Accounts alone")
        }
        guard let key = keys.shared else { throw InternalFailure("there is no key pair to sign with") }
        return SignedToken(text: try JWT.sign(claims: claims, type: type, kid: key.kid, with: key), keyID: key.kid)
    }
}
