import AccountsApplication
import AccountsDomain
import HTTP
import Shared
import Templates

/// The link that the old address gets when an account has another one: brings it back.
struct EmailUndoRoutes: Sendable {
    let manage: ManageAccountService
    let delivery: TokenDelivery
    let pages: TemplateCatalog
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
            case .open(let address):
                return .page(
                    try pages.renderPage(
                        "undo_email_change", locale: request.pageLanguage,
                        ["email": .text(address.text), "token": .text(query.token)]))
            }
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
                    .media(200, "text/html", "A page that says so, for forms"),
                    .json(200, UserAnswer.self, "The user"), .problem(.invalidToken), .problem(.tokenExpired),
                    .problem(.emailTaken),
                ]),
            body: LinkToken.self, formats: [.json, .form]
        ) { request, body in
            switch try await manage.undoEmailChange(body.token, client: request.client) {
            case .refused(let refusal): return try await usedLinks.answer(refusal, body.token, request)
            case .taken: throw Problem(.emailTaken)
            case .undone(let account, let mailsReset):
                guard request.wantsPage else { return .json(UserAnswer(account: account)) }
                let page = try pages.renderPage(
                    "email_change_undone", locale: request.pageLanguage,
                    ["email": .text(account.user.email.text), "mailed": .flag(mailsReset)])
                return delivery.clearingCookies(of: .page(page))
            }
        }
    }
}
