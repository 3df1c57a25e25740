import AccountsDomain
import Crypto
import HTTP
import Shared

/// Binds a challenge to the browser that asked for it: an answer counts only with the cookie. It says nothing and opens
/// nothing by itself.
struct WebAuthnCookies: Sendable {
    let random: any RandomSource
    let isSecure: Bool

    private static let byteCount = 16

    /// By the prefix a browser takes it from this host alone, and only over TLS.
    private var name: String { isSecure ? "__Host-gapura_webauthn" : "gapura_webauthn" }

    /// What the browser is known by: a digest, nil without a cookie.
    func browser(of request: Request) -> [UInt8]? { request.cookie(name).flatMap { Self.browser($0) } }

    /// The same, and the cookie to set; a browser that has one keeps it, so that two pages do not disturb each other.
    func begin(_ request: Request) -> (browser: [UInt8], cookie: Cookie) {
        let given = request.cookie(name).flatMap { value in Self.browser(value).map { (value, $0) } }
        let (value, browser) = given ?? fresh()
        return (browser, Cookie(name: name, value: value, maxAge: PasskeyChallenge.lifetime, isSecure: isSecure))
    }

    private func fresh() -> (String, [UInt8]) {
        let bytes = random.bytes(Self.byteCount)
        return (Base64URL.encode(bytes), SHA256.hash(bytes))
    }

    private static func browser(_ value: String) -> [UInt8]? {
        guard let bytes = Base64URL.decode(value), bytes.count == byteCount else { return nil }
        return SHA256.hash(bytes)
    }
}
