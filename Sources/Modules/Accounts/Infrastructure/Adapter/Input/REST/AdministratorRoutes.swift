import AccountsApplication
import AccountsDomain
import HTTP
import Shared
import Templates

/// The page behind an administrator's link: sets the password and appoints.
struct AdministratorRoutes: Sendable {
    let appoint: AppointAdministratorService
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
        ) { request, query in
            switch try await appoint.preview(query.token) {
            case .refused(let refusal): throw refusal.problem
            case .open(let address): return try page(address, query.token, request)
            }
        }
    }

    /// - Parameters:
    ///   - address: that the link names; nil if its holder chooses.
    ///   - form: that is shown again.
    private func page(
        _ address: EmailAddress?, _ token: String, _ request: Request, _ form: InvalidForm? = nil
    ) throws -> Response {
        let errors = form?.errors ?? FormErrors([])
        let html = try pages.renderPage(
            "administrator", locale: request.pageLanguage,
            [
                "token": .text(token), "is_named": .flag(address != nil),
                "email": .text(address?.text ?? form?.email ?? ""), "email_error": errors.email,
                "password_error": errors.password,
            ])
        return .page(html, status: form == nil ? 200 : 422)
    }

    private func showAgain(_ form: InvalidForm, _ request: Request) async throws -> Response {
        switch try await appoint.preview(form.token) {
        case .refused(let refusal): throw refusal.problem
        case .open(let address): try page(address, form.token, request, form)
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
                ]
            ).withBody(AcceptAdministratorBody.self, formats: [.json, .form])
        ) { request in
            let body: AcceptAdministratorBody
            switch try request.readForm(AcceptAdministratorBody.self) {
            case .success(let read): body = read
            case .failure(let form): return try await showAgain(form, request)
            }
            try await limit.check(request, route: "administrator", email: nil)
            let command = AcceptAdministratorCommand(
                token: body.token, email: body.email, password: body.password, client: request.client)
            switch try await appoint.accept(command) {
            case .refused(let refusal): throw refusal.problem
            case .addressMissing:
                let errors = [FieldError("email", "is missing")]
                guard request.wantsPage else { throw Problem.validation(errors) }
                return try await showAgain(
                    InvalidForm(token: body.token, email: "", errors: FormErrors(errors)), request)
            case .appointed(let account):
                guard request.wantsPage else { return .json(UserAnswer(account: account)) }
                return .page(
                    try pages.renderPage(
                        "administrator_done", locale: request.pageLanguage,
                        ["email": .text(account.user.email.text)]))
            }
        }
    }
}
