import AccountsApplication
import AccountsDomain
import HTTP
import Pages
import Shared
import Templates

/// The link that the old address gets when an account has another one: brings it back.
struct EmailUndoRoutes: Sendable {
    let manage: ManageAccountService
    let delivery: TokenDelivery
    let frame: PageFrame
    let usedLinks: UsedLinks

    private static let tag = "Profile"

    var routes: [Route] { [showRoute, undoRoute] }

    private var showRoute: Route {
        Route(
            .get, "/change-email/undo",
            Operation(
                "showEmailUndo", "The page behind the link to the old address", tag: Self.tag, isPage: true,
                answers: [
                    .media(200, "text/html", "A page whose button posts the token"), .problem(.invalidToken),
                    .problem(.tokenExpired),
                ]),
            query: LinkToken.self
        ) { request, query in
            switch try await manage.previewEmailUndo(query.token) {
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
                "undo_email_change", "/change-email/undo", token: token, ["address": .text(address.text)], form: form),
            to: request)
    }

    private func showAgain(_ form: PageForm, _ request: Request) async throws -> Response {
        let token = form.texts["token"] ?? ""
        switch try await manage.previewEmailUndo(token) {
        case .refused(let refusal): throw refusal.problem
        case .open(let address): return try page(address, token, form, request)
        }
    }

    private var undoRoute: Route {
        Route(
            .post, "/change-email/undo",
            Operation(
                "undoEmailChange",
                "Bring the old address back by the token mailed to it; ends the password and every session",
                tag: Self.tag, isPage: true,
                answers: [
                    .empty(303, "The same for forms: the next page says so"), .problem(.csrf),
                    .json(200, UserAnswer.self, "The user"), .problem(.invalidToken), .problem(.tokenExpired),
                    .problem(.emailTaken),
                ]
            ).withBody(LinkToken.self, formats: [.json, .form])
        ) { request in
            let body: LinkToken
            switch try frame.readAny(LinkToken.self, request) {
            case .success(let read): body = read
            case .failure(let form): return try await showAgain(form, request)
            }
            switch try await manage.undoEmailChange(body.token, client: request.client) {
            case .refused(let refusal): return try await usedLinks.answer(refusal, body.token, request)
            case .taken: throw Problem(.emailTaken)
            case .undone(let account, let mailsReset):
                guard request.wantsPage else { return .json(UserAnswer(account: account)) }
                return delivery.clearingCookies(
                    of: try frame.finished(
                        "email_change_undone", ["address": account.user.email.text], next: "/sign-in",
                        more: mailsReset ? "mailed" : "more"))
            }
        }
    }
}
