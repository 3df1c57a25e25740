import AccessApplication
import AccessDomain
import HTTP
import Pages
import Shared

/// Leads a browser that comes to a service and is not signed in to where it is, and back: by
/// `/refresh-token/continue`, which sees the refresh cookie, or goes on to the page of signing in.
struct BrowserSignIn: Sendable {
    let services: any ServiceDirectory
    let targets: ReturnTargets
    /// `APP_URL`, without a slash at the end.
    let appURL: String

    /// Whether the gateway's client is a person's browser that opens a page (Fetch metadata, where it sends some).
    private static func isNavigation(_ headers: Headers, _ target: ForwardTarget) -> Bool {
        guard target.isGet, headers["accept"]?.lowercased().contains("text/html") == true,
            !ForwardTarget.opensWebSocket(headers)
        else { return false }
        return headers["sec-fetch-mode"].map { $0 == "navigate" } ?? true
    }

    /// Before anything is decided, and so counted: a browser without a session that can have one again is no anonymous
    /// visitor.
    func beforeDeciding(
        _ request: Request, _ service: String, _ target: ForwardTarget, hasCredential: Bool
    ) -> String? {
        guard !hasCredential, request.cookie(CredentialName.hintCookie) != nil,
            services.service(service)?.allowsAnonymous == true
        else { return nil }
        return address(request, service, target)
    }

    /// - Returns: where the browser goes; nil for what is no browser, for a service that does not want it, and for an
    ///   address that is not in `REDIRECT_URLS`.
    func address(_ request: Request, _ service: String, _ target: ForwardTarget) -> String? {
        guard Self.isNavigation(request.headers, target), services.service(service)?.rules.browserSignIn == true,
            let path = target.address, path.first == "/",
            request.headers.count(of: "x-forwarded-host") == 1, let host = request.headers["x-forwarded-host"]
        else { return nil }
        let scheme = request.headers["x-forwarded-proto"] == "https" ? "https" : "http"
        guard let back = targets.target("\(scheme)://\(host)\(path)") else { return nil }
        return "\(appURL)/refresh-token/continue?return_to=\(PercentCoding.encode(back.text))"
    }
}
