import Crypto
import HTTP
import Shared

/// Remembers on which devices the owner of an account has signed in, in a signed cookie of the device itself:
/// `device.tag.tag...`, a tag for each account. It proves nothing but that; it opens no account.
struct DeviceCookies: Sendable {
    private let key: HMACKey
    private let identifiers: any IdentifierSource
    private let isSecure: Bool

    private static let name = "gapura_device"
    private static let accountsMax = 5
    private static let tagByteCount = 16
    private static let lifetime: Duration = .seconds(400 * 86_400)

    init(secret: Secret<[UInt8]>, identifiers: any IdentifierSource, isSecure: Bool) {
        key = HMACKey(secret)
        self.identifiers = identifiers
        self.isSecure = isSecure
    }

    /// The device, if the account's owner has signed in on it.
    func knownDevice(of request: Request, for email: EmailAddress) -> Identifier? {
        guard let (device, tags) = read(request) else { return nil }
        let tag = tag(of: email, device)
        return tags.contains { constantTimeEqual(Array($0.utf8), Array(tag.utf8)) } ? device : nil
    }

    /// The device's cookie with this account in front; beyond five the one longest unused is forgotten.
    func cookie(remembering email: EmailAddress, of request: Request) -> Cookie {
        let (device, tags) = read(request) ?? (identifiers.next(), [])
        let tag = tag(of: email, device)
        let kept = [tag] + tags.filter { $0 != tag }.prefix(Self.accountsMax - 1)
        let value = ([Base64URL.encode(device.bytes)] + kept).joined(separator: ".")
        return Cookie(name: Self.name, value: value, maxAge: Self.lifetime, isSecure: isSecure)
    }

    private func read(_ request: Request) -> (device: Identifier, tags: [String])? {
        guard let parts = request.cookie(Self.name)?.split(separator: ".").map(String.init), let first = parts.first,
            let device = Base64URL.decode(first).flatMap({ Identifier(bytes: $0) })
        else { return nil }
        return (device, Array(parts.dropFirst().prefix(Self.accountsMax)))
    }

    private func tag(of email: EmailAddress, _ device: Identifier) -> String {
        Base64URL.encode(key.authenticate(device.bytes + Array(email.key.utf8)).prefix(Self.tagByteCount))
    }
}
