import AccountsContract
import Crypto
import Shared

/// The text that names a half-done sign-in: base64url of its id (16 bytes) and a check tag (16), so that nobody can name
/// somebody else's and nothing of it is kept.
struct ChallengeTokenFormat: Sendable {
    private let keys: [HMACKey]

    private static let tagByteCount = 16

    /// - Parameters:
    ///   - secret: makes tokens.
    ///   - older: by which tokens of before are known.
    init(secret: Secret<[UInt8]>, older: [Secret<[UInt8]>] = []) {
        keys = ([secret] + older).map { HMACKey($0) }
    }

    func text(for id: MFAChallengeID) -> String {
        Base64URL.encode(id.value.bytes + keys[0].authenticate(id.value.bytes).prefix(Self.tagByteCount))
    }

    /// Nil for any text that is not a genuine one.
    func read(_ text: String) -> MFAChallengeID? {
        guard let bytes = Base64URL.decode(text), bytes.count == 16 + Self.tagByteCount else { return nil }
        let id = Array(bytes.prefix(16))
        let isGenuine = keys.contains { key in
            constantTimeEqual(bytes.suffix(Self.tagByteCount), key.authenticate(id).prefix(Self.tagByteCount))
        }
        return isGenuine ? Identifier(bytes: id).map { MFAChallengeID($0) } : nil
    }
}
