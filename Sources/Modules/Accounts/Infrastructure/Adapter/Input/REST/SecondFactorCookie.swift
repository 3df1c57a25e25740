import AccountsApplication
import HTTP
import Shared

/// Names a browser's half-done sign-in where its form goes on.
struct SecondFactorCookie: Sendable {
    static let plainName = "gapura_mfa"
    static let hostName = "__Host-gapura_mfa"
    /// The page that asks for the second step.
    static let page = "/sign-in/mfa"

    let isSecure: Bool

    /// By the prefix a browser takes it from this host alone, and only over TLS.
    private var name: String { isSecure ? Self.hostName : Self.plainName }

    func cookie(for demand: SecondFactorDemand) -> Cookie {
        Cookie(name: name, value: demand.token.reveal(), maxAge: demand.lifetime, isSecure: isSecure)
    }

    var cleared: Cookie { Cookie(name: name, value: "", maxAge: .zero, isSecure: isSecure) }

    func token(of request: Request) -> Secret<String>? { request.cookie(name).map { Secret($0) } }
}
