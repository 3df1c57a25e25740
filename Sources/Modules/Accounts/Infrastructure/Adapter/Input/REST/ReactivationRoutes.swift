import AccountsApplication
import AccountsDomain
import HTTP
import Pages
import Shared
import Templates

/// The way back, or out, for people who have deactivated their account.
struct ReactivationRoutes: Sendable {
    let reactivate: ReactivateAccountService
    let limit: SignInLimit
    let delivery: TokenDelivery
    let frame: PageFrame
    let usedLinks: UsedLinks

    private static let tag = "Profile"

    var routes: [Route] { [requestRoute, showRoute, reactivateRoute] }

    private var requestRoute: Route {
        Route(
            .post, "/request/reactivate",
            Operation(
                "requestReactivation",
                "Mail a link that reactivates or deletes a deactivated account; the answer reveals nothing",
                tag: Self.tag,
                answers: [
                    .empty(202, "If the owner of this address has deactivated an account, a mail is on its way"),
                    .problem(.tooManyAttempts),
                ]),
            body: EmailBody.self
        ) { request, body in
            try await limit.check(request, route: "request_reactivate", email: body.email)
            try await EvenTiming.run { try await reactivate.request(email: body.email) }
            return Response(status: 202)
        }
    }

    private var showRoute: Route {
        Route(
            .get, "/reactivate",
            Operation(
                "showReactivation", "The page behind the mailed link", tag: Self.tag, isPage: true,
                answers: [
                    .media(200, "text/html", "A page whose buttons post the token"), .problem(.invalidToken),
                    .problem(.tokenExpired),
                ]),
            query: LinkToken.self
        ) { request, query in
            switch try await reactivate.preview(query.token) {
            case .refused(let refusal): return try await usedLinks.answer(refusal, query.token, request)
            case .open(let address): return try page(address, query.token, .empty, request)
            }
        }
    }

    private func page(
        _ address: EmailAddress, _ token: String, _ form: PageForm, _ request: Request
    ) throws -> Response {
        try frame.show(
            PageContent("reactivate", ["address": .text(address.text), "token": .text(token)], form: form), to: request)
    }

    private func showAgain(_ form: PageForm, _ request: Request) async throws -> Response {
        let token = form.texts["token"] ?? ""
        switch try await reactivate.preview(token) {
        case .refused(let refusal): throw refusal.problem
        case .open(let address): return try page(address, token, form, request)
        }
    }

    private var reactivateRoute: Route {
        Route(
            .post, "/reactivate",
            Operation(
                "reactivateAccount", "Reactivate the account by the mailed token, or with `erase` delete it for good",
                tag: Self.tag, isPage: true,
                answers: [
                    .empty(303, "The same for forms: the next page says so"), .problem(.csrf),
                    .json(200, UserAnswer.self, "The user, active again"), .empty(204, "The account is deleted"),
                    .problem(.invalidToken), .problem(.tokenExpired), .problem(.tooManyAttempts),
                ]
            ).withBody(ReactivationBody.self, formats: [.json, .form])
        ) { request in
            let body: ReactivationBody
            switch try frame.readAny(ReactivationBody.self, request) {
            case .success(let read): body = read
            case .failure(let form): return try await showAgain(form, request)
            }
            try await limit.check(request, route: "reactivate", email: nil)
            return body.erases ? try await erase(body.token, request) : try await bringBack(body.token, request)
        }
    }

    private func bringBack(_ token: String, _ request: Request) async throws -> Response {
        switch try await reactivate(token, client: request.client) {
        case .refused(let refusal): return try await usedLinks.answer(refusal, token, request)
        case .reactivated(let account):
            guard request.wantsPage else { return .json(UserAnswer(account: account)) }
            return try frame.leaving(
                to: "/sign-in", saying: PageNote("reactivated", on: "sign_in", ["address": account.user.email.text]))
        }
    }

    private func erase(_ token: String, _ request: Request) async throws -> Response {
        switch try await reactivate.erase(token, client: request.client) {
        case .refused(let refusal): return try await usedLinks.answer(refusal, token, request)
        case .erased(let address):
            guard request.wantsPage else { return delivery.signedOut() }
            return delivery.clearingCookies(of: try frame.finished("erased", ["address": address.text]))
        }
    }
}
