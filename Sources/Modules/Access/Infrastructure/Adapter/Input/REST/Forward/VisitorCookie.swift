import AccessDomain
import HTTP
import Shared

/// The cookie by which a browser is counted beside its network while nobody is signed in on it. The gateway passes it
/// on, so it belongs to the service's host.
struct VisitorCookie: Sendable {
    static let name = "gapura_visitor"
    /// The longest that browsers keep one (RFC 6265bis § 5.5).
    private static let lifetime: Duration = .seconds(400 * 86_400)

    let devices: DeviceSignature
    let identifiers: any IdentifierSource
    let isSecure: Bool

    /// Nil without a cookie that we signed.
    func device(of request: Request) -> Identifier? {
        request.cookie(Self.name).flatMap { devices.device(in: $0) }
    }

    /// For a browser that has none; programs drop it anyway, and would get one with every answer.
    func made(for request: Request) -> Cookie? {
        guard Self.isBrowser(request.headers) else { return nil }
        return Cookie(
            name: Self.name, value: devices.text(of: identifiers.next()), maxAge: Self.lifetime, isSecure: isSecure)
    }

    /// It says what it navigates for (Fetch metadata), or wants a page.
    private static func isBrowser(_ headers: Headers) -> Bool {
        headers.contains("sec-fetch-mode") || headers["accept"]?.contains("text/html") == true
    }
}
