import AccountsApplication
import AccountsDomain
import Authorization
import HTTP
import Pages
import Shared
import Templates

/// `/sign-in/mfa`: the second step of a sign-in, by an app's code or a recovery code. A cookie says whose it is.
struct SecondStepPages: Sendable {
    let tools: PageTools
    let secondStep: SecondStepService

    private var frame: PageFrame { tools.frame }

    var routes: [Route] { [showRoute, stepRoute] }

    private var showRoute: Route {
        Route(
            .get, "/sign-in/mfa",
            .page(
                "showSecondStep", "Asks for the second factor of a sign-in",
                answers: [.empty(303, "No sign-in waits for one: to `/sign-in`")]),
            query: PlainQuery.self
        ) { request, _ in
            if let elsewhere = frame.elsewhere(request) { return elsewhere }
            guard tools.delivery.secondFactor.token(of: request) != nil else { return try startAgain() }
            return try page(.empty, request)
        }
    }

    private func page(_ form: PageForm, _ request: Request) throws -> Response {
        try frame.show(
            PageContent(
                "sign_in_mfa",
                fields: [
                    PageField("factor_code", .text, autocomplete: "one-time-code", hasFocus: true, lengthMax: 40)
                ], form: form),
            to: request)
    }

    /// The first step is too long ago, or is used up.
    private func startAgain() throws -> Response {
        var response = try frame.leaving(to: "/sign-in", saying: PageNote("start_again", on: "sign_in"))
        response.setCookie(tools.delivery.secondFactor.cleared)
        return response
    }

    private var stepRoute: Route {
        Route(
            .post, "/sign-in/mfa",
            .form(
                "doSecondStepOnPage", "Do the second step of a sign-in with the form of the page",
                [
                    .media(200, "text/html", "A page that leads on to another origin"), .problem(.invalidCode),
                    .problem(.emailNotVerified), .problem(.accountInactive), .problem(.accountBlocked),
                    .problem(.tooManyAttempts),
                ]
            ).withBody(SecondStepForm.self, formats: [.form])
        ) { request in
            switch try frame.read(SecondStepForm.self, request) {
            case .failure(let form): return try page(form, request)
            case .success((let body, let form)):
                guard let token = tools.delivery.secondFactor.token(of: request) else { return try startAgain() }
                guard let proof = body.proof else {
                    return try page(form.with("invalid_code", at: "factor_code"), request)
                }
                do {
                    let email = try await secondStep.account(token: token)
                    let client = try await tools.limit.check(request, route: "login_mfa", email: email)
                    let command = SecondStepCommand(token: token, proof: proof, client: client)
                    switch try await secondStep(command) {
                    case .over: return try startAgain()
                    case .refused(let refusal):
                        let problem = refusal.problem(invalid: .invalidCode)
                        return try page(
                            try tools.form(form, refusedBy: problem, at: "factor_code", request), request)
                    case .signedIn(let signedIn, let destination):
                        // It was checked when it came, and the operator may have changed the list since.
                        let target = (try? tools.target(destination.returnTo)) ?? .path("/account")
                        var response = try frame.leaving(to: target, after: request)
                        response.setCookie(tools.delivery.secondFactor.cleared)
                        return tools.delivery.adding(signedIn, to: response, for: request)
                    }
                } catch let problem as Problem where problem.kind == .tooManyAttempts {
                    return try page(try tools.form(form, refusedBy: problem, request), request)
                }
            }
        }
    }
}
