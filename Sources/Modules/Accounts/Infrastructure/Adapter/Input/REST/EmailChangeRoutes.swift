import AccountsApplication
import AccountsContract
import AccountsDomain
import Authorization
import HTTP
import Pages
import Shared
import Templates

/// Another address for the account, confirmed from there.
struct EmailChangeRoutes: Sendable {
    let manage: ManageAccountService
    let gate: any Gate
    let limit: SignInLimit
    let delivery: TokenDelivery
    let frame: PageFrame
    let usedLinks: UsedLinks

    private static let tag = "Profile"

    var routes: [Route] { [changeRoute, showRoute, confirmRoute] }

    private var changeRoute: Route {
        Route(
            .post, "/change-email",
            Operation(
                "changeEmail", "Mail a link to the new address, and a notice to the old one", tag: Self.tag,
                answers: [
                    .empty(202, "A mail is on its way; nothing changes before it is confirmed"),
                    .problem(.wrongPassword), .problem(.emailUnchanged), .problem(.tooManyAttempts),
                ]),
            needs: .session, stepUp: .freshUnlessProved, gate: gate, reads: .body(ChangeEmailBody.self)
        ) { request, body, principal in
            let caller = try principal.caller
            try await limit.check(request, route: "change_email", user: caller.userID)
            let command = ChangeEmailCommand(
                caller: caller, email: body.email, proof: body.proof, client: request.client)
            switch try await manage.changeEmail(command) {
            case .mailed: return Response(status: 202)
            case .refused(let refusal): throw refusal.problem()
            case .unchanged: throw Problem(.emailUnchanged)
            case .tooManyMails(let delay): throw Problem.tooManyAttempts(retryAfter: delay)
            case .signedOut: throw Problem.invalidCredential
            }
        }
    }

    private var showRoute: Route {
        Route(
            .get, "/change-email/confirm",
            Operation(
                "showEmailChange", "The page behind the link to the new address", tag: Self.tag, isPage: true,
                answers: [
                    .media(200, "text/html", "A page whose button posts the token"), .problem(.invalidToken),
                    .problem(.tokenExpired),
                ]),
            query: LinkToken.self
        ) { request, query in
            switch try await manage.previewEmailChange(query.token) {
            case .refused(let refusal): return try await usedLinks.answer(refusal, query.token, request)
            case .open(let address): return try page(address, query.token, .empty, request)
            }
        }
    }

    private func page(
        _ address: EmailAddress, _ token: String, _ form: PageForm, _ request: Request
    ) throws -> Response {
        try frame.show(
            .confirm(
                "change_email", "/change-email/confirm", token: token, ["address": .text(address.text)], form: form),
            to: request)
    }

    private func showAgain(_ form: PageForm, _ request: Request) async throws -> Response {
        let token = form.texts["token"] ?? ""
        switch try await manage.previewEmailChange(token) {
        case .refused(let refusal): throw refusal.problem
        case .open(let address): return try page(address, token, form, request)
        }
    }

    private var confirmRoute: Route {
        Route(
            .post, "/change-email/confirm",
            Operation(
                "confirmEmailChange",
                "Make the new address the account's, by the mailed token; a caller who is signed in gets new tokens",
                tag: Self.tag, isPage: true,
                headers: [.tokenDelivery],
                answers: [
                    .empty(303, "The same for forms: the next page says so"), .problem(.csrf),
                    .json(200, EmailChangedAnswer.self, "The user"), .problem(.invalidToken), .problem(.tokenExpired),
                    .problem(.emailTaken),
                ]
            ).withBody(LinkToken.self, formats: [.json, .form])
        ) { request in
            let body: LinkToken
            switch try frame.readAny(LinkToken.self, request) {
            case .success(let read): body = read
            case .failure(let form): return try await showAgain(form, request)
            }
            let caller = try await gate.admitIfAny(request, needing: .session)?.caller
            switch try await manage.confirmEmailChange(body.token, caller: caller, client: request.client) {
            case .refused(let refusal): return try await usedLinks.answer(refusal, body.token, request)
            case .taken: throw Problem(.emailTaken)
            case .changed(let account, let signedIn):
                guard request.wantsPage else { return delivery.changed(account, signedIn, to: request) }
                let page = try frame.finished("email_changed", ["address": account.user.email.text], next: "/account")
                return signedIn.map { delivery.adding($0, to: page, for: request) } ?? page
            }
        }
    }
}
