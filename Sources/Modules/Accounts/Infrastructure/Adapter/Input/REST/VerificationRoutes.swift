import AccountsApplication
import AccountsDomain
import HTTP
import Pages
import Shared
import Templates

/// The link of the verification mail: a page whose button posts, because mail scanners open links.
struct VerificationRoutes: Sendable {
    let verify: VerifyEmailService
    let cookies: RegistrationCookies
    let frame: PageFrame

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
                return try page(for: account.user, asPage(query.token, nil, request), .empty, request)
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
                    .empty(303, "The same for forms: the next page says so"), .problem(.csrf),
                    .json(200, UserAnswer.self, "The verified user"), .problem(.invalidToken), .problem(.tokenExpired),
                ]
            ).withBody(VerificationBody.self, formats: [.json, .form])
        ) { request in
            let (body, form): (VerificationBody, PageForm)
            if request.wantsPage, request.isForm {
                switch try frame.read(VerificationBody.self, request, faults: .accountFaults) {
                case .success((let read, let sent)): (body, form) = (read, sent)
                case .failure(let form): return try await showAgain(form, request)
                }
            } else {
                (body, form) = (try request.read(VerificationBody.self, formats: [.json, .form]), .empty)
            }
            guard request.wantsPage else {
                let command = VerifyEmailCommand(token: body.token, password: body.password, client: request.client)
                return .json(UserAnswer(account: try await verified(command)))
            }
            let command = asPage(body.token, body.password, request)
            switch try await verify(command) {
            case .verified(let account):
                return try frame.leaving(
                    to: "/sign-in", saying: PageNote("verified", on: "sign_in", ["address": account.user.email.text]))
            case .passwordMissing(let account):
                return try page(for: account.user, command, form.with("missing", at: "password"), request)
            case .weak(let weakness, let account):
                return try page(for: account.user, command, form.with(weakness.word, at: "password"), request)
            case .refused(let refusal): throw refusal.problem
            }
        }
    }

    private func showAgain(_ form: PageForm, _ request: Request) async throws -> Response {
        let token = form.texts["token"] ?? ""
        switch try await verify.preview(token) {
        case .open(let account): return try page(for: account.user, asPage(token, nil, request), form, request)
        case .alreadyVerified(let account): return try verifiedPage(account, request)
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
                    .empty(303, "The same for forms: the next page says so"), .problem(.csrf),
                    .empty(204, "The account is gone"),
                    .problem(.invalidToken), .problem(.tokenExpired),
                ]
            ).withBody(LinkToken.self, formats: [.json, .form])
        ) { request in
            let body: LinkToken
            switch try frame.readAny(LinkToken.self, request) {
            case .success(let read): body = read
            case .failure(let form): return try await showAgain(form, request)
            }
            switch try await verify.decline(body.token, client: request.client) {
            case .refused(let refusal): throw refusal.problem
            case .deleted(let address):
                guard request.wantsPage else { return .noContent() }
                return try frame.finished("declined", ["address": address.text])
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
        try frame.show(
            .message("verified", ["address": .text(account.user.email.text)], next: "/sign-in"), to: request)
    }

    private func page(
        for user: User, _ command: VerifyEmailCommand, _ form: PageForm, _ request: Request
    ) throws -> Response {
        let locale = frame.language(of: nil, request)
        return try frame.show(
            PageContent(
                "verify",
                [
                    "address": .text(user.email.text), "token": .text(command.token),
                    "created_at": ReaderTime.values(user.createdAt, locale),
                    "created_from": .text(user.registeredFrom?.description ?? ""),
                    "asks_password": .flag(!command.keepsPassword(of: user)),
                ],
                fields: [PageField("password", .newPassword, lengthMax: 1_024)], form: form),
            to: request)
    }
}
