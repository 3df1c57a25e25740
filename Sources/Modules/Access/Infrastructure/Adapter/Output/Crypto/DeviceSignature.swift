import Crypto
import Shared

/// The value of the cookie by which a device is counted beside its network: `id.tag` in base64url, signed, so that
/// nobody makes one himself. It proves nothing else.
package struct DeviceSignature: Sendable {
    private let key: HMACKey

    private static let tagByteCount = 16

    /// - Parameter secret: of this use alone.
    package init(secret: Secret<[UInt8]>) {
        key = HMACKey(secret)
    }

    package func text(of device: Identifier) -> String {
        "\(Base64URL.encode(device.bytes)).\(Base64URL.encode(tag(of: device)))"
    }

    /// Nil for what is not signed by us.
    package func device(in text: some StringProtocol) -> Identifier? {
        let parts = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 22, parts[1].utf8.count == 22,
            let device = Base64URL.decode(String(parts[0])).flatMap({ Identifier(bytes: $0) }),
            let given = Base64URL.decode(String(parts[1])), constantTimeEqual(given, tag(of: device))
        else { return nil }
        return device
    }

    private func tag(of device: Identifier) -> [UInt8] {
        Array(key.authenticate(device.bytes).prefix(Self.tagByteCount))
    }
}
