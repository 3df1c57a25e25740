import AccountsContract
import Crypto
import Shared

/// The signing keys, for what other modules state.
struct SharedTokenSigning: TokenSigning {
    let keys: SigningKeys
    let issuer: String

    var keyID: String { keys.current.kid }

    func sign(claims: [UInt8], type: String) throws -> SignedToken {
        // `application/` may stand in front of it (RFC 7515 § 4.1.9).
        guard type.split(separator: "/").last?.lowercased() != SessionTokenIssuer.type else {
            throw InternalFailure("access tokens are made by Accounts alone")
        }
        let key = keys.current
        return SignedToken(text: try JWT.sign(claims: claims, type: type, kid: key.kid, with: key), keyID: key.kid)
    }
}
