import Crypto
import HTTP
import NotificationsApplication
import NotificationsDomain
import Shared

/// A link's token: `user.kind.HMAC-SHA-256(key, user ‖ kind)` in base64url. It says who ends what, nobody can make one,
/// and it counts for as long as the master key that made it is known: people press such links years later.
struct SealedUnsubscribeLinks: UnsubscribeLinks {
    private let appURL: String
    private let key: HMACKey
    private let olderKeys: [HMACKey]

    static let tokenLengthMax = 200
    private static let purpose = "notifications/unsubscribe/1"

    /// - Parameter appURL: without a slash at the end.
    init(appURL: String, _ masterKey: MasterKey) {
        self.appURL = appURL
        key = HMACKey(masterKey.derive(Self.purpose))
        olderKeys = masterKey.deriveOlder(Self.purpose).map { HMACKey($0) }
    }

    func link(_ subject: UnsubscribeSubject) -> String {
        "\(appURL)/unsubscribe?token=\(PercentCoding.encode(token(of: subject, by: key)))"
    }

    func subject(of token: String) -> UnsubscribeSubject? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let user = Base64URL.decode(parts[0].utf8).flatMap({ Identifier(bytes: $0) }),
            let kind = NotificationKind(rawValue: String(parts[1])), !kind.isRequired
        else { return nil }
        let subject = UnsubscribeSubject(userID: user, kind: kind)
        let isGenuine = ([key] + olderKeys).contains { key in
            constantTimeEqual(Array(token.utf8), Array(self.token(of: subject, by: key).utf8))
        }
        return isGenuine ? subject : nil
    }

    private func token(of subject: UnsubscribeSubject, by key: HMACKey) -> String {
        let user = Base64URL.encode(subject.userID.bytes)
        let tag = key.authenticate(subject.userID.bytes + Array(subject.kind.rawValue.utf8))
        return "\(user).\(subject.kind.rawValue).\(Base64URL.encode(tag))"
    }
}
