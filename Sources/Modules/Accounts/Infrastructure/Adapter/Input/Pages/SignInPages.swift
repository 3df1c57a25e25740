import AccountsApplication
import AccountsContract
import AccountsDomain
import HTTP
import Pages
import Shared
import Templates

/// Signing in on a page: by password, or by what is mailed.
struct SignInPages: Sendable {
    /// Another way to sign in, as a link on the page.
    struct Provider: Sendable {
        /// The path that begins it.
        let path: String
        /// What people know it by.
        let label: String
    }

    let tools: PageTools
    let signIn: SignInService
    let signInWithMail: SignInWithMailService
    let reset: ResetPasswordService
    let reactivate: ReactivateAccountService
    let providers: [Provider]

    private var frame: PageFrame { tools.frame }

    var routes: [Route] {
        [showRoute, signInRoute, mailRoute, showCodeRoute, codeRoute] + forgottenRoutes + [sentRoute, reactivateRoute]
    }

    // MARK: Password

    private var showRoute: Route {
        Route(
            .get, "/sign-in",
            .page(
                "showSignIn", "Sign in on a page; who is signed in is led on",
                answers: [.empty(303, "Already signed in: to `return_to`"), .problem(.invalidReturnTo)]),
            query: ReturnQuery.self
        ) { request, query in
            if let elsewhere = frame.elsewhere(request) { return elsewhere }
            let target = try tools.target(query.returnTo)
            if try await tools.ownerIfAny(request) != nil { return try frame.leaving(to: target, after: request) }
            return try page(PageForm(["return_to": query.returnTo ?? ""]), request)
        }
    }

    private func page(_ form: PageForm, _ request: Request) throws -> Response {
        let locale = frame.language(of: nil, request)
        let returnTo = form.texts["return_to"] ?? ""
        let query = returnTo.isEmpty ? "" : "?return_to=\(PercentCoding.encode(returnTo))"
        func has(_ word: String) -> Bool { form.errors.contains { $0.word == word } }
        let links = try providers.map { provider -> TemplateValues in
            let words = try frame.words(of: "sign_in", locale, ["provider": .text(provider.label)])
            return ["href": .text(provider.path + query), "label": .text(words["with"] ?? provider.label)]
        }
        return try frame.show(
            PageContent(
                "sign_in",
                [
                    "return_to": .text(returnTo), "sign_up_href": .text("/sign-up" + query),
                    "providers": .list(links), "has_providers": .flag(!links.isEmpty),
                    "is_unverified": .flag(has("email_not_verified")), "is_inactive": .flag(has("account_inactive")),
                    "typed": .text(form.texts["email"] ?? ""),
                ],
                fields: [
                    PageField("email", .email, hasFocus: true),
                    PageField("password", .currentPassword, lengthMax: 1_024),
                ], form: form),
            to: request)
    }

    private var signInRoute: Route {
        Route(
            .post, "/sign-in",
            .form(
                "signInOnPage", "Sign in with the form of the page",
                [
                    .media(200, "text/html", "A page that leads on to another origin"), .problem(.invalidReturnTo),
                ] + Answer.signInRefusals(invalid: .invalidCredentials)
            ).withBody(SignInForm.self, formats: [.form])
        ) { request in
            switch try frame.read(SignInForm.self, request, faults: .accountFaults) {
            case .failure(let form): return try page(form, request)
            case .success((let body, let form)):
                let target = try tools.target(body.returnTo)
                do {
                    let client = try await tools.limit.check(request, route: "login", email: body.email)
                    let command = SignInCommand(
                        email: body.email, password: body.password, client: client,
                        destination: SignInDestination(returnTo: body.returnTo))
                    switch try await signIn(command) {
                    case .signedIn(let signedIn): return try welcome(signedIn, target, request)
                    case .secondFactorNeeded(let demand):
                        return tools.delivery.secondFactorNeeded(demand, to: request)
                    case .refused(let refusal):
                        return try page(
                            try self.form(form, refusal, at: "password", .invalidCredentials, request), request)
                    }
                } catch let problem as Problem where problem.kind == .tooManyAttempts {
                    return try page(try tools.form(form, refusedBy: problem, request), request)
                }
            }
        }
    }

    /// With the cookies of the new session, on to where the browser came from.
    private func welcome(_ signedIn: SignedIn, _ target: Pages.ReturnTarget, _ request: Request) throws -> Response {
        tools.delivery.adding(signedIn, to: try frame.leaving(to: target, after: request), for: request)
    }

    private func form(
        _ form: PageForm, _ refusal: SignInRefusal, at field: String, _ invalid: ProblemKind, _ request: Request
    ) throws(Problem) -> PageForm {
        let problem = refusal.problem(invalid: invalid)
        switch refusal {
        case .invalidCredentials: return try tools.form(form, refusedBy: problem, at: field, request)
        case .obstructed(.blocked(let until?)):
            guard request.wantsPage else { throw problem }
            let text = ReaderTime.moment(until, frame.language(of: nil, request))
            return form.with("account_blocked_until", status: problem.kind.status, values: ["until": text])
        case .obstructed, .tooManyAttempts: return try tools.form(form, refusedBy: problem, request)
        }
    }

    // MARK: Mailed code

    private var mailRoute: Route {
        Route(
            .post, "/sign-in/mail",
            .form(
                "mailSignInCode", "Mail a code and a link from the page of signing in; the answer tells nothing",
                [.problem(.tooManyAttempts), .problem(.invalidReturnTo)]
            ).withBody(AddressForm.self, formats: [.form])
        ) { request in
            switch try frame.read(AddressForm.self, request, faults: .accountFaults) {
            case .failure(let form): return try page(form, request)
            case .success((let body, let form)):
                _ = try tools.target(body.returnTo)
                do {
                    try await tools.limit.check(request, route: "request_login_code", email: body.email)
                } catch let problem as Problem where problem.kind == .tooManyAttempts {
                    return try page(try tools.form(form, refusedBy: problem, request), request)
                }
                try await EvenTiming.run { try await signInWithMail.request(email: body.email) }
                let query = body.returnTo.map { "?return_to=\(PercentCoding.encode($0))" } ?? ""
                return try frame.leaving(
                    to: "/sign-in/code\(query)",
                    saying: PageNote("mailed", on: "sign_in_code", ["address": body.email.text]))
            }
        }
    }

    private var showCodeRoute: Route {
        Route(
            .get, "/sign-in/code",
            .page("showSignInCode", "Enter the code of the mail", answers: [.problem(.invalidReturnTo)]),
            query: ReturnQuery.self
        ) { request, query in
            if let elsewhere = frame.elsewhere(request) { return elsewhere }
            _ = try tools.target(query.returnTo)
            return try codePage(PageForm(["return_to": query.returnTo ?? ""]), request)
        }
    }

    /// The address comes from the page before, or from the form that comes back; else it is asked for.
    private func codePage(_ form: PageForm, _ request: Request) throws -> Response {
        let isAddressBad = form.errors.contains { $0.field == "email" }
        return try frame.show(
            PageContent(
                "sign_in_code",
                [
                    "return_to": .text(form.texts["return_to"] ?? ""),
                    "address": .text(isAddressBad ? "" : form.texts["email"] ?? ""),
                ],
                fields: [PageField("email", .email), PageField("code", .code, hasFocus: true)], form: form),
            to: request)
    }

    private var codeRoute: Route {
        Route(
            .post, "/sign-in/code",
            .form(
                "signInWithCodeOnPage", "Sign in with the code of the mail",
                [
                    .media(200, "text/html", "A page that leads on to another origin"), .problem(.invalidReturnTo),
                ] + Answer.signInRefusals(invalid: .invalidCode)
            ).withBody(CodeForm.self, formats: [.form])
        ) { request in
            switch try frame.read(CodeForm.self, request, faults: .accountFaults) {
            case .failure(let form): return try codePage(form, request)
            case .success((let body, let form)):
                let target = try tools.target(body.returnTo)
                do {
                    let client = try await tools.limit.check(request, route: "login_code", email: body.email)
                    let command = SignInWithCodeCommand(
                        email: body.email, code: body.code, client: client,
                        destination: SignInDestination(returnTo: body.returnTo))
                    switch try await signInWithMail(command) {
                    case .signedIn(let signedIn): return try welcome(signedIn, target, request)
                    case .secondFactorNeeded(let demand):
                        return tools.delivery.secondFactorNeeded(demand, to: request)
                    case .refused(let refusal):
                        return try codePage(try self.form(form, refusal, at: "code", .invalidCode, request), request)
                    }
                } catch let problem as Problem where problem.kind == .tooManyAttempts {
                    return try codePage(try tools.form(form, refusedBy: problem, request), request)
                }
            }
        }
    }

    // MARK: Forgotten passwords and deactivated accounts

    private var forgottenRoutes: [Route] {
        [
            Route(
                .get, "/sign-in/forgotten",
                .page("showForgottenPassword", "Ask for a link that sets a new password"), query: ReturnQuery.self
            ) { request, _ in
                if let elsewhere = frame.elsewhere(request) { return elsewhere }
                return try forgottenPage(.empty, request)
            },
            mailing(
                "/sign-in/forgotten", "mailPasswordLink",
                "Mail a link that sets a new password; the answer tells nothing",
                limit: "forget_password", again: forgottenPage
            ) { try await reset.request(email: $0) },
        ]
    }

    private func forgottenPage(_ form: PageForm, _ request: Request) throws -> Response {
        try frame.show(
            PageContent("forgotten_password", fields: [PageField("email", .email, hasFocus: true)], form: form),
            to: request)
    }

    private var reactivateRoute: Route {
        mailing(
            "/sign-in/reactivate", "mailReactivation",
            "Mail a link that brings a deactivated account back; the answer tells nothing", limit: "request_reactivate",
            again: page
        ) { try await reactivate.request(email: $0) }
    }

    /// A form of an address to which a link is mailed if there is an account.
    private func mailing(
        _ path: PathTemplate, _ id: String, _ summary: String, limit: String,
        again: @escaping @Sendable (PageForm, Request) throws -> Response,
        _ mail: @escaping @Sendable (EmailAddress) async throws -> Void
    ) -> Route {
        Route(
            .post, path,
            .form(id, summary, [.problem(.tooManyAttempts)]).withBody(AddressForm.self, formats: [.form])
        ) { request in
            switch try frame.read(AddressForm.self, request, faults: .accountFaults) {
            case .failure(let form): return try again(form, request)
            case .success((let body, let form)):
                do {
                    try await tools.limit.check(request, route: limit, email: body.email)
                } catch let problem as Problem where problem.kind == .tooManyAttempts {
                    return try again(try tools.form(form, refusedBy: problem, request), request)
                }
                try await EvenTiming.run { try await mail(body.email) }
                return try frame.leaving(
                    to: "/sign-in/sent", saying: PageNote("mailed", on: "mail_sent", ["address": body.email.text]))
            }
        }
    }

    private var sentRoute: Route {
        Route(.get, "/sign-in/sent", .page("showMailSent", "Says that a mail is on its way"), query: ReturnQuery.self) {
            request, _ in
            if let elsewhere = frame.elsewhere(request) { return elsewhere }
            return try frame.show(PageContent("mail_sent", ["address": ""]), to: request)
        }
    }
}
