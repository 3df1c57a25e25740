import AccountsApplication
import AccountsDomain
import HTTP
import Shared
import Templates

/// The link of the verification mail: a page whose button posts, because mail scanners open links.
struct VerificationRoutes: Sendable {
    let verify: VerifyEmailService
    let cookies: RegistrationCookies
    let pages: TemplateCatalog

    private static let tag = "Registration"

    var routes: [Route] { [showRoute, verifyRoute, declineRoute] }

    private var showRoute: Route {
        Route(
            .get, "/verify",
            Operation(
                "showVerification",
                "The page behind the mailed link; as JSON it verifies at once, or with `preview` only looks",
                tag: Self.tag, isPage: true,
                answers: [
                    .media(200, "text/html", "A page whose button posts the token"),
                    .json(200, UserAnswer.self, "The verified user"),
                    .json(200, VerificationPreviewAnswer.self, "With `preview`: the account, before anything changes"),
                    .problem(.invalidToken), .problem(.tokenExpired),
                ]),
            query: VerificationQuery.self
        ) { request, query in
            // HEAD is GET without a body, and never uses the link up.
            guard request.wantsPage || query.isPreview || request.method == .head else {
                let command = VerifyEmailCommand(token: query.token, client: request.client)
                return .json(UserAnswer(account: try await verified(command)))
            }
            let isPage = request.wantsPage
            switch try await verify.preview(query.token) {
            case .open(let account):
                guard isPage else { return .json(VerificationPreviewAnswer(account: account)) }
                return try page(for: account.user, asPage(query.token, nil, request), request)
            case .alreadyVerified(let account):
                return isPage ? try verifiedPage(account, request) : .json(VerificationPreviewAnswer(account: account))
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
                ]
            ).withBody(VerificationBody.self, formats: [.json, .form])
        ) { request in
            let body: VerificationBody
            switch try request.readForm(VerificationBody.self) {
            case .success(let read): body = read
            case .failure(let form): return try await showAgain(form, request)
            }
            guard request.wantsPage else {
                let command = VerifyEmailCommand(token: body.token, password: body.password, client: request.client)
                return .json(UserAnswer(account: try await verified(command)))
            }
            let command = asPage(body.token, body.password, request)
            switch try await verify(command) {
            case .verified(let account): return try verifiedPage(account, request)
            case .passwordMissing(let account):
                return try page(for: account.user, command, request, FormErrors([FieldError("password", "is missing")]))
            case .weak(let weakness, let account):
                let errors = FormErrors(weakness.problem("password").fieldErrors)
                return try page(for: account.user, command, request, errors)
            case .refused(let refusal): throw refusal.problem
            }
        }
    }

    private func showAgain(_ form: InvalidForm, _ request: Request) async throws -> Response {
        switch try await verify.preview(form.token) {
        case .open(let account): try page(for: account.user, asPage(form.token, nil, request), request, form.errors)
        case .alreadyVerified(let account): try verifiedPage(account, request)
        case .refused(let refusal): throw refusal.problem
        }
    }

    /// As our own page asks.
    private func asPage(_ token: String, _ password: Password?, _ request: Request) -> VerifyEmailCommand {
        VerifyEmailCommand(
            token: token, registeredHere: Set(cookies.registered(in: request)), password: password,
            client: request.client)
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
                    try pages.renderPage("declined", locale: request.pageLanguage, ["email": .text(address.text)]))
            }
        }
    }

    /// - Parameter command: of a program.
    private func verified(_ command: VerifyEmailCommand) async throws -> Account {
        switch try await verify(command) {
        case .verified(let account): account
        case .passwordMissing: throw InternalFailure("a program keeps the password")
        case .weak(let weakness, _): throw weakness.problem("password")
        case .refused(let refusal): throw refusal.problem
        }
    }

    private func verifiedPage(_ account: Account, _ request: Request) throws -> Response {
        .page(
            try pages.renderPage("verified", locale: request.pageLanguage, ["email": .text(account.user.email.text)]))
    }

    /// - Parameter errors: of the form that is shown again.
    private func page(
        for user: User, _ command: VerifyEmailCommand, _ request: Request, _ errors: FormErrors? = nil
    ) throws -> Response {
        let html = try pages.renderPage(
            "verify", locale: request.pageLanguage,
            [
                "email": .text(user.email.text), "token": .text(command.token),
                "created_at": .text(user.createdAt.description),
                "created_from": .text(user.registeredFrom?.description ?? ""),
                "asks_password": .flag(!command.keepsPassword(of: user)),
                "password_error": (errors ?? FormErrors([])).password,
            ])
        return .page(html, status: errors == nil ? 200 : 422)
    }
}
