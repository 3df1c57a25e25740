import AccountsApplication
import AccountsDomain
import HTTP
import Shared
import Templates

/// Signing in by what was mailed: six digits or a link.
struct MailSignInRoutes: Sendable {
    let signIn: SignInWithMailService
    let origins: OriginPolicy
    let limit: SignInLimit
    let delivery: TokenDelivery
    let pages: TemplateCatalog
    let usedLinks: UsedLinks

    private static let tag = "Sessions"

    var routes: [Route] { [requestRoute, codeRoute, showLinkRoute, linkRoute] }

    private var requestRoute: Route {
        Route(
            .post, "/request/login-code",
            Operation(
                "requestLoginCode", "Mail a six-digit code and a magic link; the answer tells nothing", tag: Self.tag,
                headers: [.device],
                answers: [
                    .empty(202, "If the address has an account, a mail is on its way"), .problem(.tooManyAttempts),
                ]),
            body: EmailBody.self
        ) { request, body in
            try await limit.check(request, route: "request_login_code", email: body.email)
            try await EvenTiming.run { try await signIn.request(email: body.email) }
            return Response(status: 202)
        }
    }

    private var codeRoute: Route {
        Route(
            .post, "/login/code",
            Operation(
                "logInWithCode", "Sign in with the mailed code; single use", tag: Self.tag,
                headers: [.tokenDelivery, .device],
                answers: [.json(200, SignedInAnswer.self, "The tokens of the new session")]
                    + Answer.signInRefusals(invalid: .invalidCode)),
            body: LoginCodeBody.self
        ) { request, body in
            let client = try await limit.check(request, route: "login_code", email: body.email)
            let command = SignInWithCodeCommand(
                email: body.email, code: body.code, client: client, destination: request.signInDestination)
            return try delivery.answer(try await signIn(command), to: request, invalid: .invalidCode)
        }
    }

    private var showLinkRoute: Route {
        Route(
            .get, "/login/link",
            Operation(
                "showMagicLink", "The page behind a magic link", tag: Self.tag, isPage: true,
                answers: [
                    .media(200, "text/html", "A page whose button posts the token"), .problem(.invalidToken),
                    .problem(.tokenExpired),
                ]),
            query: LinkToken.self
        ) { request, query in
            switch try await signIn.preview(link: query.token) {
            case .refused(let refusal): return try await usedLinks.answer(refusal, query.token, request)
            case .open(let address):
                return .page(
                    try pages.renderPage(
                        "login_link", locale: request.pageLanguage,
                        ["email": .text(address.text), "token": .text(query.token)]))
            }
        }
    }

    private var linkRoute: Route {
        Route(
            .post, "/login/link",
            Operation(
                "logInWithLink", "Sign in with the token of a magic link; single use", tag: Self.tag, isPage: true,
                headers: [.tokenDelivery, .device],
                answers: [
                    .media(200, "text/html", "A page that says so, with the cookies, for forms"),
                    .json(200, SignedInAnswer.self, "The tokens of the new session"),
                    .empty(303, "For forms, to the page of the second step, with its cookie"), .problem(.tokenExpired),
                    .problem(.originNotAllowed),
                ] + Answer.signInRefusals(invalid: .invalidMagicLink)),
            body: LinkToken.self, formats: [.json, .form]
        ) { request, body in
            // A form needs no leave to be sent from elsewhere, and would sign its sender's victim in to another account.
            guard origins.allowsCookie(of: request) else { throw Problem(.originNotAllowed) }
            try await limit.check(request, route: "login_link", email: nil)
            switch try await signIn(
                link: body.token, client: request.client, destination: request.signInDestination)
            {
            case .refused(.expired): throw Problem(.tokenExpired)
            case .refused(let refusal):
                return try await usedLinks.answer(
                    refusal, body.token, request, otherwise: .unauthenticated(.invalidMagicLink))
            case .obstructed(let refusal): throw refusal.problem(invalid: .invalidMagicLink)
            case .secondFactorNeeded(let demand): return delivery.secondFactorNeeded(demand, to: request)
            case .signedIn(let signedIn):
                guard request.wantsPage else { return delivery.answer(signedIn, to: request) }
                return delivery.page(
                    try pages.renderPage(
                        "logged_in", locale: request.pageLanguage, ["email": .text(signedIn.account.user.email.text)]),
                    signedIn, to: request)
            }
        }
    }
}
