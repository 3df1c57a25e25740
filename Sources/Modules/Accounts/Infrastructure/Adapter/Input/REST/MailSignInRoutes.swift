import AccountsApplication
import AccountsDomain
import HTTP
import Pages
import Shared
import Templates

/// Signing in by what was mailed: six digits or a link.
struct MailSignInRoutes: Sendable {
    let signIn: SignInWithMailService
    let origins: OriginPolicy
    let limit: SignInLimit
    let delivery: TokenDelivery
    let frame: PageFrame
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
            case .open(let address): return try page(address, query.token, .empty, request)
            }
        }
    }

    private func page(
        _ address: EmailAddress, _ token: String, _ form: PageForm, _ request: Request
    ) throws -> Response {
        try frame.show(
            .confirm("login_link", "/login/link", token: token, ["address": .text(address.text)], form: form),
            to: request)
    }

    private func showAgain(_ form: PageForm, _ request: Request) async throws -> Response {
        let token = form.texts["token"] ?? ""
        switch try await signIn.preview(link: token) {
        case .refused(let refusal): throw refusal.problem
        case .open(let address): return try page(address, token, form, request)
        }
    }

    private var linkRoute: Route {
        Route(
            .post, "/login/link",
            Operation(
                "logInWithLink", "Sign in with the token of a magic link; single use", tag: Self.tag, isPage: true,
                headers: [.tokenDelivery, .device],
                answers: [
                    .json(200, SignedInAnswer.self, "The tokens of the new session"),
                    .empty(303, "For forms: with the cookies to `/account`, or to the page of the second step"),
                    .problem(.csrf), .problem(.tokenExpired),
                    .problem(.originNotAllowed),
                ] + Answer.signInRefusals(invalid: .invalidMagicLink)
            ).withBody(LinkToken.self, formats: [.json, .form])
        ) { request in
            // A form needs no leave to be sent from elsewhere, and would sign its sender's victim in to another account.
            guard origins.allowsCookie(of: request) else { throw Problem(.originNotAllowed) }
            let body: LinkToken
            switch try frame.readAny(LinkToken.self, request) {
            case .success(let read): body = read
            case .failure(let form): return try await showAgain(form, request)
            }
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
                return delivery.adding(signedIn, to: try frame.leaving(to: "/account"), for: request)
            }
        }
    }
}
