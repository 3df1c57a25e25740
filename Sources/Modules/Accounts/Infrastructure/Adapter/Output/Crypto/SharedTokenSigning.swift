import AccountsContract
import Crypto
import Shared

/// The signing keys, for what other modules state.
struct SharedTokenSigning: TokenSigning {
    let keys: SigningKeys
    let issuer: String

    var keyID: String { keys.current.kid }

    func sign(claims: [UInt8], type: String) throws -> SignedToken {
        guard type.lowercased() != SessionTokenIssuer.type else {
            throw InternalFailure("access tokens are made by Accounts alone")
        }
        let key = keys.current
        return SignedToken(text: try JWT.sign(claims: claims, type: type, kid: key.kid, with: key), keyID: key.kid)
    }
}
