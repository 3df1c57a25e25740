import AccountsApplication
import AccountsContract
import AccountsDomain
import Authorization
import HTTP
import Pages
import Shared
import Templates

/// `/step-up`: somebody signed in proves once more who they are, on the way to what a stolen session must not do.
struct StepUpPages: Sendable {
    let tools: PageTools
    let stepUp: StepUpSessionService
    /// Says what is missing.
    let demand: StepUp
    let signInWithMail: SignInWithMailService

    private var frame: PageFrame { tools.frame }

    var routes: [Route] { [showRoute, proofRoute, codeRoute] }

    private var showRoute: Route {
        Route(
            .get, "/step-up", .ownPage("showStepUp", "Asks the signed-in person for a fresh proof"), needs: .session,
            gate: tools.gate, reads: .query(ReturnQuery.self)
        ) { request, query, principal in
            if let elsewhere = frame.elsewhere(request) { return elsewhere }
            _ = try tools.target(query.returnTo)
            let form = PageForm(["return_to": query.returnTo ?? ""])
            return try await page(form, try await tools.owner(principal), request)
        }
    }

    private func page(_ form: PageForm, _ owner: PageOwner, _ request: Request) async throws -> Response {
        let needsFactor = try await demand.demand(of: owner.caller)?.needsSecondFactor ?? false
        return try frame.show(
            PageContent(
                "step_up",
                [
                    "return_to": .text(form.texts["return_to"] ?? ""), "address": .text(owner.user.email.text),
                    "has_password": .flag(!needsFactor && owner.hasPassword),
                    "has_code": .flag(!needsFactor && !owner.hasPassword), "has_factor": .flag(needsFactor),
                ],
                fields: [
                    PageField("password", .currentPassword, hasFocus: owner.hasPassword, lengthMax: 1_024),
                    PageField("code", .code),
                    PageField(
                        "factor_code", .text, autocomplete: "one-time-code", hasFocus: needsFactor, lengthMax: 40),
                ], form: form, reader: owner.reader),
            to: request)
    }

    private var proofRoute: Route {
        .ownForm(
            "/step-up/confirm",
            .ownForm(
                "stepUpOnPage", "Prove once more who you are with the form of the page",
                [
                    .problem(.wrongPassword), .problem(.invalidCode), .problem(.stepUpRequired),
                    .problem(.tooManyAttempts),
                    .problem(.invalidReturnTo),
                ]),
            StepUpForm.self, tools
        ) { request, form, owner in
            switch form {
            case .failure(let form): return try await page(form, owner, request)
            case .success((let body, let form)):
                let target = try tools.target(body.returnTo)
                guard let proof = body.proof else {
                    return try await page(form.with("invalid_code", at: "factor_code"), owner, request)
                }
                do {
                    try await tools.limit.check(request, route: "step_up", user: owner.caller.userID)
                    let command = StepUpSessionCommand(caller: owner.caller, proof: proof, client: request.client)
                    switch try await stepUp(command) {
                    case .steppedUp(_, _, let token):
                        var response = try frame.leaving(to: target, after: request)
                        response.setCookie(tools.delivery.cookies.session(token))
                        return response
                    case .refused(let refusal):
                        let field = body.password == nil ? "code" : "password"
                        return try await page(try tools.form(form, refusal, at: field, request, owner), owner, request)
                    case .wrongSecondFactor:
                        let problem = Problem.unauthenticated(.invalidCode)
                        let form = try tools.form(form, refusedBy: problem, at: "factor_code", request, owner)
                        return try await page(form, owner, request)
                    case .secondFactorNeeded(let demand):
                        let problem = Problem.stepUp(needsSecondFactor: demand.needsSecondFactor, maxAge: demand.maxAge)
                        return try await page(try tools.form(form, refusedBy: problem, request, owner), owner, request)
                    case .signedOut: throw Problem.invalidCredential
                    }
                } catch let problem as Problem where problem.kind == .tooManyAttempts {
                    return try await page(try tools.form(form, refusedBy: problem, request, owner), owner, request)
                }
            }
        }
    }

    private var codeRoute: Route {
        .ownForm(
            "/step-up/code",
            .ownForm(
                "mailStepUpCode", "Mail a code to the signed-in person's address",
                [.problem(.tooManyAttempts), .problem(.invalidReturnTo)]),
            ReturnForm.self, tools
        ) { request, form, owner in
            switch form {
            case .failure(let form): return try await page(form, owner, request)
            case .success((let body, let form)):
                _ = try tools.target(body.returnTo)
                do {
                    try await tools.limit.check(request, route: "request_login_code", user: owner.caller.userID)
                } catch let problem as Problem where problem.kind == .tooManyAttempts {
                    return try await page(try tools.form(form, refusedBy: problem, request, owner), owner, request)
                }
                try await signInWithMail.request(email: owner.user.email)
                let query = body.returnTo.map { "?return_to=\(PercentCoding.encode($0))" } ?? ""
                return try frame.leaving(to: "/step-up\(query)", saying: PageNote("code_sent", on: "step_up"))
            }
        }
    }
}
