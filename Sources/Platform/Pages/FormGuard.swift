import Crypto
import HTTP
import Shared

/// Makes sure that a form was sent from a page that we gave to the same browser: a cookie that it keeps, and a token in
/// the form that is made of it with a key of ours. Also before anybody is signed in, so that nobody signs a victim in
/// to an account of the attacker's.
package struct FormGuard: Sendable {
    static let field = "csrf"

    private let key: HMACKey
    private let olderKeys: [HMACKey]
    private let isSecure: Bool
    private let random: any RandomSource
    private let origins: OriginPolicy

    private static let byteCount = 16
    private static let lifetime: Duration = .seconds(30 * 86_400)

    /// - Parameters:
    ///   - secret: derived from the master key, the same on every process.
    ///   - older: of master keys of before.
    package init(
        secret: Secret<[UInt8]>, older: [Secret<[UInt8]>] = [], isSecure: Bool, random: any RandomSource,
        origins: OriginPolicy
    ) {
        key = HMACKey(secret)
        olderKeys = older.map { HMACKey($0) }
        self.isSecure = isSecure
        self.random = random
        self.origins = origins
    }

    /// By the prefix a browser takes it from this host alone, and only over TLS.
    private var cookieName: String { isSecure ? "__Host-gapura_csrf" : "gapura_csrf" }

    /// The token for the forms of a page, and the cookie if the browser has none.
    func token(for request: Request) -> (token: String, cookie: Cookie?) {
        if let value = values(of: request).first { return (token(of: value, key), nil) }
        let value = random.bytes(Self.byteCount)
        let cookie = Cookie(
            name: cookieName, value: Base64URL.encode(value), maxAge: Self.lifetime, isSecure: isSecure)
        return (token(of: value, key), cookie)
    }

    /// Whether the form came from a page of ours in this browser.
    func accepts(_ token: String?, of request: Request) -> Bool {
        guard origins.allowsCookie(of: request), let token else { return false }
        let given = Array(token.utf8)
        return values(of: request).contains { value in
            ([key] + olderKeys).contains { constantTimeEqual(given, Array(self.token(of: value, $0).utf8)) }
        }
    }

    /// A neighbouring domain can set the cookie too where it has no prefix; it cannot make a token for it.
    private func values(of request: Request) -> [[UInt8]] {
        request.headers.cookies(cookieName).prefix(4).compactMap { text in
            Base64URL.decode(text).flatMap { $0.count == Self.byteCount ? $0 : nil }
        }
    }

    private func token(of value: [UInt8], _ key: HMACKey) -> String {
        Base64URL.encode(key.authenticate(value).prefix(Self.byteCount))
    }
}

extension ProblemKind {
    package static let csrf = ProblemKind(403, "csrf", "The form did not come from a page of this browser")
}
