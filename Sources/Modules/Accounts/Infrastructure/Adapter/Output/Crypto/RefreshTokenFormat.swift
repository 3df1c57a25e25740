import AccountsApplication
import AccountsContract
import Crypto
import Shared

/// The text of a refresh token: base64url of session id (16 bytes), generation (4), branch (4), secret (32) and a check
/// tag (16) keyed by `REFRESH_SECRET_KEY`, by which a genuine token is known although the store has forgotten it.
struct RefreshTokenFormat: Sendable {
    private let key: HMACKey
    private let olderKeys: [HMACKey]

    private static let tagByteCount = 16
    private static let bodyByteCount = 16 + 4 + 4 + 32

    /// - Parameters:
    ///   - secret: makes tokens.
    ///   - older: by which tokens of before are known, so that another master key logs nobody out.
    init(secret: Secret<[UInt8]>, older: [Secret<[UInt8]>] = []) {
        key = HMACKey(secret)
        olderKeys = older.map { HMACKey($0) }
    }

    /// - Parameter secret: 32 bytes.
    func text(session: SessionID, generation: Int, branch: Int, secret: [UInt8]) -> String {
        let body = session.value.bytes + bigEndian(generation) + bigEndian(branch) + secret
        return Base64URL.encode(body + key.authenticate(body).prefix(Self.tagByteCount))
    }

    /// The secret of a successor: the same for the same parent and branch.
    func successorSecret(of parent: String, branch: Int) -> [UInt8] {
        key.authenticate(Array("successor\u{0}".utf8) + Array(parent.utf8) + bigEndian(branch))
    }

    /// What a genuine token says; nil for any other text.
    func read(_ text: String) -> RefreshTokenReading? {
        guard let bytes = Base64URL.decode(text), bytes.count == Self.bodyByteCount + Self.tagByteCount else {
            return nil
        }
        let body = Array(bytes.prefix(Self.bodyByteCount))
        let isGenuine = ([key] + olderKeys).contains { key in
            constantTimeEqual(bytes.suffix(Self.tagByteCount), key.authenticate(body).prefix(Self.tagByteCount))
        }
        guard isGenuine else { return nil }
        return Identifier(bytes: body.prefix(16)).map { session in
            RefreshTokenReading(
                sessionID: SessionID(session), generation: body[16..<20].reduce(0) { $0 << 8 | Int($1) },
                hash: SHA256.hash(Array(text.utf8)))
        }
    }

    private func bigEndian(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
