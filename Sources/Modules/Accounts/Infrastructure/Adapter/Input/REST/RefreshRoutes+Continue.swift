import AccountsApplication
import AccountsDomain
import HTTP
import Pages
import Shared

/// `/refresh-token/continue`: where a browser goes whose access token has run out. It lies under the refresh cookie's
/// path, so the cookie comes along; it refreshes, and leads back, or on to the page of signing in.
extension RefreshRoutes {
    var continueRoutes: [Route] { [continueRoute, continueFormRoute] }

    private static let path: PathTemplate = "/refresh-token/continue"

    private var continueRoute: Route {
        Route(
            .get, Self.path,
            Operation(
                "continueSession", "Refresh a browser's session, and lead it back to `return_to` or to `/sign-in`",
                tag: "Sessions", isPage: true,
                answers: [
                    .empty(303, "To `return_to` with new cookies, or to `/sign-in`"),
                    .empty(204, "Asked ahead of its reader: nothing was done"), .problem(.invalidReturnTo),
                    .problem(.tooManyAttempts),
                ]),
            query: ReturnQuery.self
        ) { request, query in
            if request.method == .head || request.isPrefetch { return .noContent() }
            let target = try target(query.returnTo)
            return try await goOn(to: target, status: 303, request)
        }
    }

    private var continueFormRoute: Route {
        Route(
            .post, Self.path,
            Operation(
                "continueForm", "The same for a form, which the browser then sends again to `return_to`",
                tag: "Sessions", isPage: true,
                answers: [
                    .empty(307, "To `return_to` with new cookies"), .empty(303, "To `/sign-in`"),
                    .problem(.invalidReturnTo), .problem(.tooManyAttempts), .problem(.originNotAllowed),
                ]
            ).withQuery(ReturnQuery.self)
        ) { request in
            let query = try request.readQuery(ReturnQuery.self)
            guard case .path(let path) = try target(query.returnTo) else { throw Problem(.invalidReturnTo) }
            return try await goOn(to: .path(path), status: 307, request)
        }
    }

    /// A page that the session's cookie does not reach would send the browser here again and again.
    private func target(_ text: String?) throws(Problem) -> Pages.ReturnTarget {
        guard let text, !text.isEmpty else { return .path("/account") }
        guard let target = frame.targets.target(text) else { throw Problem(.invalidReturnTo) }
        switch target {
        case .path: return target
        case .page(let url) where delivery.cookies.reach(Pages.ReturnTargets.host(of: url), from: frame.targets.ownHost):
            return target
        case .page:
            throw Problem(.invalidReturnTo, "COOKIE_DOMAIN does not let the session's cookie reach this host")
        case .app: throw Problem(.invalidReturnTo)
        }
    }

    private func goOn(to target: Pages.ReturnTarget, status: Int, _ request: Request) async throws -> Response {
        let token: Secret<String>
        do {
            token = try cookie(of: request)
        } catch let problem as Problem where problem.kind == .invalidRefreshToken {
            return signInFirst(target, request)
        }
        try await checkLimit(token)
        let led = Response(status: status, headers: [("Location", target.text)])
        switch try await rotate(token, client: request.client) {
        case .refreshed(let signedIn): return delivery.adding(signedIn, to: led, for: request)
        // Another tab was faster, and its cookies are this browser's.
        case .superseded: return led
        case .invalid, .reused, .revoked: return signInFirst(target, request)
        }
    }

    /// What is left of the session goes, so that no gateway sends the browser here again.
    private func signInFirst(_ target: Pages.ReturnTarget, _ request: Request) -> Response {
        delivery.clearingCookies(of: frame.signInFirst(for: target.text, isForm: !request.method.isSafe))
    }
}
