import AccountsApplication
import AccountsContract
import AccountsDomain
import Authorization
import HTTP
import Shared
import Templates

/// Another address for the account, confirmed from there.
struct EmailChangeRoutes: Sendable {
    let manage: ManageAccountService
    let gate: any Gate
    let limit: SignInLimit
    let delivery: TokenDelivery
    let pages: TemplateCatalog
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
            case .open(let address):
                return .page(
                    try pages.renderPage(
                        "change_email", locale: request.pageLanguage,
                        ["email": .text(address.text), "token": .text(query.token)]))
            }
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
                    .media(200, "text/html", "A page that says so, for forms"),
                    .json(200, EmailChangedAnswer.self, "The user"), .problem(.invalidToken), .problem(.tokenExpired),
                    .problem(.emailTaken),
                ]),
            body: LinkToken.self, formats: [.json, .form]
        ) { request, body in
            let caller = try await gate.admitIfAny(request, needing: .session)?.caller
            switch try await manage.confirmEmailChange(body.token, caller: caller, client: request.client) {
            case .refused(let refusal): return try await usedLinks.answer(refusal, body.token, request)
            case .taken: throw Problem(.emailTaken)
            case .changed(let account, let signedIn):
                guard request.wantsPage else { return delivery.changed(account, signedIn, to: request) }
                let page = try pages.renderPage(
                    "email_changed", locale: request.pageLanguage, ["email": .text(account.user.email.text)])
                return signedIn.map { delivery.page(page, $0, to: request) } ?? .page(page)
            }
        }
    }
}
