import AccountsApplication
import AccountsContract
import AccountsDomain
import Crypto
import HTTP
import Shared

/// Remembers in a browser which accounts were registered there and wait for their proof: whoever opens the mailed link
/// in another browser may not know the password of the registration. It opens no account.
struct RegistrationCookies: Sendable {
    private let key: HMACKey
    private let isSecure: Bool

    private static let accountsMax = 3
    private static let tagByteCount = 16

    init(secret: Secret<[UInt8]>, isSecure: Bool) {
        key = HMACKey(secret)
        self.isSecure = isSecure
    }

    /// By the prefix a browser takes it from this host alone, and only over TLS.
    private var name: String { isSecure ? "__Host-gapura_registration" : "gapura_registration" }

    func cookie(remembering id: UserID, of request: Request) -> Cookie {
        let kept = [id] + registered(in: request).filter { $0 != id }.prefix(Self.accountsMax - 1)
        return Cookie(
            name: name, value: kept.map(text).joined(separator: "."), maxAge: CleanUpService.unprovedLifetime,
            isSecure: isSecure)
    }

    /// The accounts that were registered in the browser that sends this, the newest first.
    func registered(in request: Request) -> [UserID] {
        let parts = request.headers.cookies(name).flatMap { $0.split(separator: ".") }
        return parts.prefix(2 * Self.accountsMax).compactMap { part in
            guard let bytes = Base64URL.decode(String(part)), bytes.count == 16 + Self.tagByteCount,
                let id = Identifier(bytes: Array(bytes.prefix(16))).map({ UserID($0) }),
                constantTimeEqual(bytes, self.bytes(of: id))
            else { return nil }
            return id
        }
    }

    private func text(of id: UserID) -> String { Base64URL.encode(bytes(of: id)) }

    private func bytes(of id: UserID) -> [UInt8] {
        id.value.bytes + key.authenticate(id.value.bytes).prefix(Self.tagByteCount)
    }
}
