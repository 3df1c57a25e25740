import AccountsContract
import AccountsDomain
import Crypto
import HTTP
import Shared

/// Remembers on which devices the owner of an account has signed in, by a signed text that the device keeps itself, a
/// browser as a cookie, an app as it likes: `device.tag.tag...`, a tag for each account. It proves nothing but that; it
/// opens no account.
struct DeviceCookies: Sendable {
    private let key: HMACKey
    private let isSecure: Bool

    /// Without TLS, and everywhere in 0.1.0.
    private static let plainName = "gapura_device"
    /// By the prefix a browser takes it from this host alone.
    private static let hostName = "__Host-gapura_device"
    private static let accountsMax = 5
    private static let readingsMax = 8
    private static let tagByteCount = 16
    private static let lifetime: Duration = .seconds(400 * 86_400)

    init(secret: Secret<[UInt8]>, isSecure: Bool) {
        key = HMACKey(secret)
        self.isSecure = isSecure
    }

    /// Whether the request names a device at all; whose, only the account tells.
    func namesDevice(_ request: Request) -> Bool { readings(of: request).contains { !$0.tags.isEmpty } }

    /// The device, if the account's owner has signed in on it since the account forgot its devices.
    func knownDevice(of request: Request, for owner: DeviceOwner) -> Identifier? {
        readings(of: request).first { isKnown($0, for: owner) }?.device
    }

    private func isKnown(_ reading: Reading, for owner: DeviceOwner) -> Bool {
        let device = reading.device
        // Cookies of 0.1.0 name the address. They count until the account first forgets its devices.
        let good = [tag(of: owner, device)] + (owner.epoch == 0 ? [addressTag(of: owner, device)] : [])
        return reading.tags.contains { given in
            good.contains { constantTimeEqual(Array(given.utf8), Array($0.utf8)) }
        }
    }

    /// The device's text with this account in front; beyond five the one longest unused is forgotten.
    ///
    /// - Parameter session: a device without a name gets its first session's, so that one session makes one device.
    func text(remembering owner: DeviceOwner, of request: Request, session: Identifier) -> String {
        let found = readings(of: request)
        let reading = found.first { isKnown($0, for: owner) } ?? found.first
        let (device, tags) = (reading?.device ?? session, reading?.tags ?? [])
        let tag = tag(of: owner, device)
        let kept = [tag] + tags.filter { $0 != tag }.prefix(Self.accountsMax - 1)
        return ([Base64URL.encode(device.bytes)] + kept).joined(separator: ".")
    }

    func cookie(remembering owner: DeviceOwner, of request: Request, session: Identifier) -> Cookie {
        let value = text(remembering: owner, of: request, session: session)
        let name = isSecure ? Self.hostName : Self.plainName
        return Cookie(name: name, value: value, maxAge: Self.lifetime, isSecure: isSecure)
    }

    private struct Reading {
        let device: Identifier
        let tags: [String]
    }

    /// A neighbouring domain can set the cookie too, so there may be several: the first that is genuine counts.
    private func readings(of request: Request) -> [Reading] {
        let headers = request.headers
        let texts =
            headers[Operation.HeaderParameter.device.name].map { [$0] } ?? headers.cookies(Self.hostName)
            + headers.cookies(Self.plainName)
        return texts.prefix(Self.readingsMax).compactMap { text in
            let parts = text.split(separator: ".").map(String.init)
            guard let device = parts.first.flatMap({ Base64URL.decode($0) }).flatMap({ Identifier(bytes: $0) }) else {
                return nil
            }
            return Reading(device: device, tags: Array(parts.dropFirst().prefix(Self.accountsMax)))
        }
    }

    private func tag(of owner: DeviceOwner, _ device: Identifier) -> String {
        tag(device.bytes + owner.userID.value.bytes + Array("epoch \(owner.epoch)".utf8))
    }

    private func addressTag(of owner: DeviceOwner, _ device: Identifier) -> String {
        tag(device.bytes + Array(owner.email.key.utf8))
    }

    private func tag(_ message: [UInt8]) -> String {
        Base64URL.encode(key.authenticate(message).prefix(Self.tagByteCount))
    }
}

extension Operation.HeaderParameter {
    /// Where an app sends it.
    static let device = Self("X-Gapura-Device", example: "DEVICE_TOKEN")
}
