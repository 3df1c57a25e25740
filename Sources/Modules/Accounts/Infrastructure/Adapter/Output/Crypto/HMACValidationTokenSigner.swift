import AccountsApplication
import AccountsContract
import AccountsDomain
import Crypto
import Shared

/// A link's text: `id.HMAC-SHA-256(key, id ‖ purpose ‖ user ‖ address ‖ expiry)`, both in base64url. The store holds
/// what is signed but not the key, so a copy of the store makes no links.
struct HMACValidationTokenSigner: ValidationTokenSigner {
    private let key: HMACKey
    private let olderKeys: [HMACKey]

    /// - Parameters:
    ///   - secret: `VALIDATION_SECRET_KEY`.
    ///   - older: by which links of before are known.
    init(secret: Secret<[UInt8]>, older: [Secret<[UInt8]>] = []) {
        key = HMACKey(secret)
        olderKeys = older.map { HMACKey($0) }
    }

    func text(of token: ValidationToken) -> String { text(of: token, by: key) }

    private func text(of token: ValidationToken, by key: HMACKey) -> String {
        "\(Base64URL.encode(token.id.value.bytes)).\(Base64URL.encode(key.authenticate(message(of: token))))"
    }

    func id(in text: String) -> ValidationID? {
        guard let dot = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return nil }
        return Base64URL.decode(text.utf8[..<dot]).flatMap { Identifier(bytes: $0) }.map { ValidationID($0) }
    }

    func isGenuine(_ text: String, for token: ValidationToken) -> Bool {
        ([key] + olderKeys).contains { constantTimeEqual(Array(text.utf8), Array(self.text(of: token, by: $0).utf8)) }
    }

    func digits(of code: SignInCode) -> String {
        let parts = [
            code.id.description, "login_code", code.userID.description, code.address.key,
            String(code.expiresAt.milliseconds),
        ]
        let number = key.authenticate(Self.message(parts)).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        // The bias of the remainder is one part in ten million million.
        let digits = String(number % 1_000_000)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// Each part ends in a byte that none of them can hold.
    private func message(of token: ValidationToken) -> [UInt8] {
        let parts = [
            token.id.description, token.purpose.rawValue, token.userID?.description ?? "", token.address?.key ?? "",
            String(token.expiresAt.milliseconds),
        ]
        return Self.message(parts)
    }

    private static func message(_ parts: [String]) -> [UInt8] {
        var message: [UInt8] = []
        message.reserveCapacity(parts.reduce(0) { $0 + $1.utf8.count + 1 })
        for part in parts {
            message += part.utf8
            message.append(0)
        }
        return message
    }
}
