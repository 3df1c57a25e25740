import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared

/// Signs by writing down what is signed.
package struct ValidationTokenSignerDouble: ValidationTokenSigner {
    package init() {}

    package func text(of token: ValidationToken) -> String {
        let parts = [
            token.purpose.rawValue, token.userID?.description ?? "", token.address?.key ?? "",
            String(token.expiresAt.milliseconds),
        ]
        return "\(token.id).\(Base64URL.encode(parts.joined(separator: "\n").utf8))"
    }

    package func id(in text: String) -> ValidationID? {
        text.split(separator: ".").first.flatMap { ValidationID(text: $0) }
    }

    package func isGenuine(_ text: String, for token: ValidationToken) -> Bool {
        Array(text.utf8) == Array(self.text(of: token).utf8)
    }

    package func digits(of code: SignInCode) -> String {
        let parts = [
            code.id.description, code.userID.description, code.address.key, String(code.expiresAt.milliseconds),
        ]
        let number = DoubleDigest.number(parts.joined(separator: "\n"), seed: 6) % 1_000_000
        let digits = String(number)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }
}

/// Links of a site that does not exist; they end in the token.
package struct AccountsLinksDouble: AccountsLinks {
    package init() {}

    package func verification(token: String) -> String { Self.link("verify", token) }
    package func newPassword(token: String) -> String { Self.link("new-password", token) }
    package func magicLink(token: String) -> String { Self.link("login/link", token) }
    package func emailChange(token: String) -> String { Self.link("change-email/confirm", token) }
    package func emailUndo(token: String) -> String { Self.link("change-email/undo", token) }
    package func reactivation(token: String) -> String { Self.link("reactivate", token) }
    package func factorReset(token: String) -> String { Self.link("mfa-reset/stop", token) }
    package func administrator(token: String) -> String { Self.link("administrator", token) }

    private static func link(_ page: String, _ token: String) -> String {
        let escaped = token.utf8.map { byte in
            let isPlain =
                "-._~".utf8.contains(byte) || Character(Unicode.Scalar(byte)).isLetter && byte < 0x80
                || (48...57).contains(byte)
            return isPlain ? String(Unicode.Scalar(byte)) : "%\(Hex.encode([byte]).uppercased())"
        }
        return "https://gapura.test/\(page)?token=\(escaped.joined())"
    }
}
