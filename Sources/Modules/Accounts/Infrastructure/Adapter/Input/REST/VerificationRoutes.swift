import AccountsApplication
import AccountsDomain
import HTTP
import Shared
import Templates

/// The link of the verification mail: a page whose button posts, because mail scanners open links.
struct VerificationRoutes: Sendable {
    let verify: any VerifyEmail
    let pages: TemplateCatalog

    private static let tag = "Registration"

    var routes: [Route] { [showRoute, verifyRoute, declineRoute] }

    private var showRoute: Route {
        Route(
            .get, "/verify",
            Operation(
                "showVerification",
                "The page behind the mailed link; with `Accept: application/json` it verifies at once",
                tag: Self.tag, isPage: true,
                answers: [
                    .media(200, "text/html", "A page whose button posts the token"),
                    .json(200, UserAnswer.self, "The verified user"), .problem(.invalidToken), .problem(.tokenExpired),
                ]),
            query: LinkToken.self
        ) { request, query in
            // HEAD is GET without a body, and never uses the link up.
            guard request.wantsPage || request.method == .head else {
                return .json(UserAnswer(account: try await verified(query.token, request)))
            }
            switch try await verify.preview(query.token) {
            case .open(let account): return try page(for: account.user, token: query.token)
            case .alreadyVerified(let account): return try verifiedPage(account)
            case .refused(let refusal): throw refusal.problem
            }
        }
    }

    private var verifyRoute: Route {
        Route(
            .post, "/verify",
            Operation(
                "verifyEmail", "Prove the address by the mailed token", tag: Self.tag, isPage: true,
                answers: [
                    .media(200, "text/html", "A page that says so, for forms"),
                    .json(200, UserAnswer.self, "The verified user"), .problem(.invalidToken), .problem(.tokenExpired),
                ]),
            body: LinkToken.self, formats: [.json, .form]
        ) { request, body in
            let account = try await verified(body.token, request)
            return request.wantsPage ? try verifiedPage(account) : .json(UserAnswer(account: account))
        }
    }

    private var declineRoute: Route {
        Route(
            .post, "/verify/decline",
            Operation(
                "declineRegistration", "\"This was not me\": delete the account that nobody has proved",
                tag: Self.tag, isPage: true,
                answers: [
                    .media(200, "text/html", "A page that says so, for forms"), .empty(204, "The account is gone"),
                    .problem(.invalidToken), .problem(.tokenExpired),
                ]),
            body: LinkToken.self, formats: [.json, .form]
        ) { request, body in
            switch try await verify.decline(body.token, client: request.client) {
            case .refused(let refusal): throw refusal.problem
            case .deleted(let address):
                guard request.wantsPage else { return .noContent() }
                return .page(
                    try pages.renderPage("declined", title: "Account deleted", ["email": .text(address.text)]))
            }
        }
    }

    private func verified(_ token: String, _ request: Request) async throws -> Account {
        switch try await verify(token, client: request.client) {
        case .verified(let account): account
        case .refused(let refusal): throw refusal.problem
        }
    }

    private func verifiedPage(_ account: Account) throws -> Response {
        .page(
            try pages.renderPage("verified", title: "Address verified", ["email": .text(account.user.email.text)]))
    }

    private func page(for user: User, token: String) throws -> Response {
        .page(
            try pages.renderPage(
                "verify", title: "Verify your address",
                [
                    "email": .text(user.email.text), "token": .text(token),
                    "created_at": .text(user.createdAt.description),
                    "created_from": .text(user.registeredFrom?.description ?? ""),
                ]))
    }
}
