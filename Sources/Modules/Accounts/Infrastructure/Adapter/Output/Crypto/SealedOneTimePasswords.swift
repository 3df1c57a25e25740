import AccountsApplication
import AccountsContract
import AccountsDomain
import Crypto
import QRCode
import Shared

/// Keeps the secrets of authenticator apps encrypted by the master key, each bound to its row.
struct SealedOneTimePasswords: OneTimePasswords {
    let masterKey: MasterKey
    let random: any RandomSource
    let appName: String

    private static let secretByteCount = 20

    func makeSecret(for id: FactorID) throws -> (secret: Secret<[UInt8]>, sealed: [UInt8]) {
        let secret = random.bytes(Self.secretByteCount)
        return (Secret(secret), try masterKey.wrap(secret, boundTo: Self.context(id)))
    }

    func step(of code: Secret<String>, by factor: TOTPFactor, at now: Timestamp) throws -> Int64? {
        let secret: Secret<[UInt8]>
        do {
            secret = try masterKey.unwrap(factor.sealedSecret, boundTo: Self.context(factor.id))
        } catch let error as UnwrapError {
            throw InternalFailure("the secret of factor \(factor.id) cannot be opened: \(error)")
        }
        var found: Int64?
        // Each is compared, so that the time does not tell which one it was.
        for step in TOTPFactor.steps(at: now) where step >= 0 {
            let expected = HOTP.code(secret: secret, counter: UInt64(step))
            if constantTimeEqual(Array(expected.utf8), Array(code.reveal().utf8)) { found = step }
        }
        return found
    }

    func enrolment(_ secret: Secret<[UInt8]>, account: EmailAddress) throws -> TOTPEnrolment {
        let text = Base32.encode(secret.reveal())
        let (issuer, label) = (Self.encoded(appName), "\(Self.encoded(appName)):\(Self.encoded(account.text))")
        let uri = "otpauth://totp/\(label)?secret=\(text)&issuer=\(issuer)&algorithm=SHA1&digits=6&period=30"
        let picture = try QRCode(uri).svg(title: "QR code for an authenticator app")
        return TOTPEnrolment(secret: Secret(text), uri: Secret(uri), qrCode: Secret(picture))
    }

    private static func context(_ id: FactorID) -> String { "mfa_factors/\(id)/secret" }

    /// Everything but unreserved characters (RFC 3986 § 2.3) as `%XX`: apps differ in what else they take.
    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "-._~".utf8.contains(byte)
            return isPlain ? String(Unicode.Scalar(byte)) : "%\(Hex.encode([byte]).uppercased())"
        }.joined()
    }
}
