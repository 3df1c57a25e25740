import AccountsContract
import Crypto
import Shared

/// The text of a refresh token: base64url of session id (16 bytes), generation (4), branch (4), secret (32) and a check
/// tag (16) keyed by `REFRESH_SECRET_KEY`, by which a genuine token is known although the store has forgotten it.
struct RefreshTokenFormat: Sendable {
    private let key: HMACKey

    private static let tagByteCount = 16

    init(secret: Secret<[UInt8]>) {
        key = HMACKey(secret)
    }

    /// - Parameter secret: 32 bytes.
    func text(session: SessionID, generation: Int, branch: Int, secret: [UInt8]) -> String {
        let body = session.value.bytes + bigEndian(generation) + bigEndian(branch) + secret
        return Base64URL.encode(body + key.authenticate(body).prefix(Self.tagByteCount))
    }

    private func bigEndian(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
