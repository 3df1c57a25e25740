import AccountsApplication
import AccountsDomain
import HTTP
import Shared
import Templates

/// The page behind an administrator's link: sets the password and appoints.
struct AdministratorRoutes: Sendable {
    let appoint: any AppointAdministrator
    let limit: SignInLimit
    let pages: TemplateCatalog

    private static let tag = "Administrators"

    var routes: [Route] { [showRoute, acceptRoute] }

    private var showRoute: Route {
        Route(
            .get, "/administrator/accept",
            Operation(
                "showAdministratorLink", "The page behind an administrator's link", tag: Self.tag, isPage: true,
                answers: [
                    .media(200, "text/html", "A page that asks for the password"), .problem(.invalidToken),
                    .problem(.tokenExpired),
                ]),
            query: LinkToken.self
        ) { _, query in
            switch try await appoint.preview(query.token) {
            case .refused(let refusal): throw refusal.problem
            case .open(let address):
                return .page(
                    try pages.renderPage(
                        "administrator", title: "Become the administrator",
                        ["token": .text(query.token), "email": .text(address?.text ?? ""), "error": ""]))
            }
        }
    }

    private var acceptRoute: Route {
        Route(
            .post, "/administrator/accept",
            Operation(
                "acceptAdministratorLink", "Become an administrator by a link", tag: Self.tag, isPage: true,
                answers: [
                    .media(200, "text/html", "A page that says so, for forms"),
                    .json(200, UserAnswer.self, "The administrator"), .problem(.invalidToken),
                    .problem(.tokenExpired), .problem(.tooManyAttempts),
                ]),
            body: AcceptAdministratorBody.self, formats: [.json, .form]
        ) { request, body in
            try await limit.check(request, route: "administrator", email: nil)
            let command = AcceptAdministratorCommand(
                token: body.token, email: body.email, password: body.password, client: request.client)
            switch try await appoint.accept(command) {
            case .refused(let refusal): throw refusal.problem
            case .addressMissing: throw Problem.validation([FieldError("email", "is missing")])
            case .appointed(let account):
                guard request.wantsPage else { return .json(UserAnswer(account: account)) }
                return .page(
                    try pages.renderPage(
                        "administrator_done", title: "Administrator appointed",
                        ["email": .text(account.user.email.text)]))
            }
        }
    }
}
