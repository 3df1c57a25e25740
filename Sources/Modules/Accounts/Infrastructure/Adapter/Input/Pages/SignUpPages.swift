import AccountsApplication
import AccountsContract
import AccountsDomain
import HTTP
import Pages
import Shared
import Templates

/// Making an account on a page. The answer is the same for an address that has one.
struct SignUpPages: Sendable {
    let tools: PageTools
    /// Never tells that an address is taken.
    let register: RegisterUserService
    let requestVerification: RequestVerificationService
    let cookies: RegistrationCookies
    let identifiers: any IdentifierSource
    /// `REGISTRATION`; if not, administrators alone make accounts.
    let isOpen: Bool

    private var frame: PageFrame { tools.frame }

    var routes: [Route] { [showRoute, signUpRoute, sentRoute, againRoute] }

    private var showRoute: Route {
        Route(
            .get, "/sign-up",
            .page(
                "showSignUp", "Make an account on a page",
                answers: [.problem(.invalidReturnTo), .problem(.registrationClosed)]),
            query: ReturnQuery.self
        ) { request, query in
            if let elsewhere = frame.elsewhere(request) { return elsewhere }
            _ = try tools.target(query.returnTo)
            guard isOpen else { throw Problem(.registrationClosed) }
            return try page(PageForm(["return_to": query.returnTo ?? ""]), request)
        }
    }

    private func page(_ form: PageForm, _ request: Request) throws -> Response {
        let returnTo = form.texts["return_to"] ?? ""
        let query = returnTo.isEmpty ? "" : "?return_to=\(PercentCoding.encode(returnTo))"
        return try frame.show(
            PageContent(
                "sign_up", ["sign_in_href": .text("/sign-in" + query)],
                fields: [
                    PageField("email", .email, hasFocus: true), PageField("password", .newPassword, lengthMax: 1_024),
                    PageField("first_name", .text, autocomplete: "given-name", isRequired: false, lengthMax: 100),
                ], form: form),
            to: request)
    }

    private var signUpRoute: Route {
        Route(
            .post, "/sign-up",
            .form(
                "signUpOnPage", "Make an account; a mail to the address says how to go on",
                [.problem(.tooManyAttempts), .problem(.registrationClosed)]
            ).withBody(SignUpForm.self, formats: [.form])
        ) { request in
            guard isOpen else { throw Problem(.registrationClosed) }
            switch try frame.read(SignUpForm.self, request, faults: .accountFaults) {
            case .failure(let form): return try page(form, request)
            case .success((let body, let form)):
                do {
                    try await tools.limit.check(request, route: "register", email: body.email)
                } catch let problem as Problem where problem.kind == .tooManyAttempts {
                    return try page(try tools.form(form, refusedBy: problem, request), request)
                }
                let command = RegisterUserCommand(
                    id: identifiers.next(), email: body.email, password: body.password,
                    profile: Profile(firstName: body.firstName), locale: request.pageLanguage, client: request.client)
                _ = try await EvenTiming.run { try await register(command) }
                var response = try sent(body.email)
                // The same for an account that is there already: the cookie names the one that would have been made.
                response.setCookie(cookies.cookie(remembering: command.id, of: request))
                return response
            }
        }
    }

    private func sent(_ address: EmailAddress) throws -> Response {
        try frame.leaving(
            to: "/sign-up/sent", saying: PageNote("mailed", on: "sign_up_sent", ["address": address.text]))
    }

    private var sentRoute: Route {
        Route(
            .get, "/sign-up/sent", .page("showSignUpSent", "Says that the mail of a new account is on its way"),
            query: ReturnQuery.self
        ) { request, _ in
            if let elsewhere = frame.elsewhere(request) { return elsewhere }
            return try sentPage(.empty, request)
        }
    }

    private func sentPage(_ form: PageForm, _ request: Request) throws -> Response {
        try frame.show(
            PageContent("sign_up_sent", ["address": .text(form.texts["email"] ?? "")], form: form), to: request)
    }

    private var againRoute: Route {
        Route(
            .post, "/sign-up/again",
            .form(
                "mailVerificationAgain", "Send the mail of a new account again; the answer tells nothing",
                [.problem(.tooManyAttempts)]
            ).withBody(AddressForm.self, formats: [.form])
        ) { request in
            switch try frame.read(AddressForm.self, request, faults: .accountFaults) {
            case .failure(let form): return try sentPage(form, request)
            case .success((let body, let form)):
                do {
                    try await tools.limit.check(request, route: "request_verify", email: body.email)
                } catch let problem as Problem where problem.kind == .tooManyAttempts {
                    return try sentPage(try tools.form(form, refusedBy: problem, request), request)
                }
                try await EvenTiming.run { try await requestVerification(email: body.email) }
                return try sent(body.email)
            }
        }
    }
}
