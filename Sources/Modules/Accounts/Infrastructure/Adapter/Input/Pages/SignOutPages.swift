import AccountsApplication
import AccountsDomain
import HTTP
import Pages
import Shared
import Templates

/// Signing out on a page, which asks first: a link alone would let any website do it.
struct SignOutPages: Sendable {
    let tools: PageTools
    let signOut: SignOutService

    private var frame: PageFrame { tools.frame }

    var routes: [Route] { [showRoute, signOutRoute] }

    private var showRoute: Route {
        Route(.get, "/sign-out", .page("showSignOut", "Asks whether to sign out"), query: ReturnQuery.self) {
            request, _ in
            if let elsewhere = frame.elsewhere(request) { return elsewhere }
            return try page(.empty, try await tools.ownerIfAny(request), request)
        }
    }

    private func page(_ form: PageForm, _ owner: PageOwner?, _ request: Request) throws -> Response {
        try frame.show(
            PageContent(
                "sign_out", ["address": .text(owner?.user.email.text ?? "")], form: form, reader: owner?.reader),
            to: request)
    }

    private var signOutRoute: Route {
        Route(
            .post, "/sign-out",
            .form(
                "signOutOnPage", "Sign out with the form of the page",
                [.empty(307, "No genuine token here; the other route sees the refresh cookie")]
            ).withBody(ButtonForm.self, formats: [.form])
        ) { request in
            switch try frame.read(ButtonForm.self, request) {
            case .failure(let form): return try page(form, try await tools.ownerIfAny(request), request)
            case .success:
                let tokens = request.headers.sessionCookies.all.map { SessionCredential.accessToken(Secret($0)) }
                if !tokens.isEmpty, try await signOut(tokens, client: request.client) {
                    return tools.delivery.clearingCookies(
                        of: try frame.leaving(to: "/sign-in", saying: PageNote("signed_out", on: "sign_in")))
                }
                return Response(status: 307, headers: [("Location", SessionCookies.signOutPath)])
            }
        }
    }
}
