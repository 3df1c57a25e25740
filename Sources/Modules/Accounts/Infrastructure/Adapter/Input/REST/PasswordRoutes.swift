import AccountsApplication
import AccountsContract
import AccountsDomain
import Authorization
import HTTP
import Pages
import Shared
import Templates

/// Setting and changing passwords.
struct PasswordRoutes: Sendable {
    let reset: ResetPasswordService
    let manage: ManageAccountService
    let gate: any Gate
    let limit: SignInLimit
    let delivery: TokenDelivery
    let frame: PageFrame
    let usedLinks: UsedLinks

    private static let tag = "Passwords"

    var routes: [Route] { [forgetRoute, showRoute, setRoute, changeRoute] }

    private var forgetRoute: Route {
        Route(
            .post, "/forget-password",
            Operation(
                "forgetPassword", "Mail a link that sets a new password; the answer tells nothing", tag: Self.tag,
                headers: [.device],
                answers: [
                    .empty(202, "If the address has an account, a mail is on its way"), .problem(.tooManyAttempts),
                ]),
            body: EmailBody.self
        ) { request, body in
            try await limit.check(request, route: "forget_password", email: body.email)
            try await EvenTiming.run { try await reset.request(email: body.email) }
            return Response(status: 202)
        }
    }

    private var showRoute: Route {
        Route(
            .get, "/new-password",
            Operation(
                "showNewPassword", "The page behind a reset link", tag: Self.tag, isPage: true,
                answers: [
                    .media(200, "text/html", "A page that asks for the new password"), .problem(.invalidToken),
                    .problem(.tokenExpired),
                ]),
            query: LinkToken.self
        ) { request, query in
            switch try await reset.preview(query.token) {
            case .refused(let refusal): return try await usedLinks.answer(refusal, query.token, request)
            case .open(let address): return try page(address, query.token, .empty, request)
            }
        }
    }

    private func page(
        _ address: EmailAddress, _ token: String, _ form: PageForm, _ request: Request
    ) throws -> Response {
        try frame.show(
            PageContent(
                "new_password", ["address": .text(address.text), "token": .text(token)],
                fields: [PageField("password", .newPassword, lengthMax: 1_024)], form: form),
            to: request)
    }

    private func showAgain(_ form: PageForm, _ request: Request) async throws -> Response {
        let token = form.texts["token"] ?? ""
        switch try await reset.preview(token) {
        case .refused(let refusal): throw refusal.problem
        case .open(let address): return try page(address, token, form, request)
        }
    }

    private var setRoute: Route {
        Route(
            .post, "/new-password",
            Operation(
                "setNewPassword", "Set the password by the mailed token; ends all sessions", tag: Self.tag,
                isPage: true,
                answers: [
                    .empty(303, "The same for forms: the next page says so"), .problem(.csrf),
                    .json(200, UserAnswer.self, "The user"), .problem(.invalidToken), .problem(.tokenExpired),
                    .problem(.tooManyAttempts),
                ]
            ).withBody(NewPasswordBody.self, formats: [.json, .form])
        ) { request in
            let body: NewPasswordBody
            switch try frame.readAny(NewPasswordBody.self, request, faults: .accountFaults) {
            case .success(let read): body = read
            case .failure(let form): return try await showAgain(form, request)
            }
            try await limit.check(request, route: "new_password", email: nil)
            switch try await reset(body.token, password: body.password, client: request.client) {
            case .refused(let refusal): return try await usedLinks.answer(refusal, body.token, request)
            case .weak(let weakness):
                let problem = weakness.problem("password")
                guard request.wantsPage else { throw problem }
                return try await showAgain(
                    PageForm(["token": body.token]).with(weakness.word, at: "password"), request)
            case .changed(let account):
                guard request.wantsPage else { return .json(UserAnswer(account: account)) }
                return try frame.leaving(to: "/sign-in", saying: PageNote("password_changed", on: "sign_in"))
            }
        }
    }

    private var changeRoute: Route {
        Route(
            .post, "/change-password",
            Operation(
                "changePassword",
                "Change the password; ends the other sessions, links and codes, and gives this session new tokens",
                tag: Self.tag,
                headers: [.tokenDelivery],
                answers: [
                    .json(200, SignedInAnswer.self, "The password is changed; the tokens that count from now on"),
                    .problem(.wrongPassword), .problem(.tooManyAttempts),
                ]),
            needs: .session, stepUp: .freshUnlessProved, gate: gate, reads: .body(ChangePasswordBody.self)
        ) { request, body, principal in
            let caller = try principal.caller
            try await limit.check(request, route: "change_password", user: caller.userID)
            let command = ChangePasswordCommand(
                caller: caller, proof: body.proof, new: body.new, client: request.client)
            switch try await manage.changePassword(command) {
            case .changed(let signedIn): return delivery.renewed(signedIn, to: request)
            case .refused(.confirmation(let refusal)): throw refusal.problem()
            case .refused(.weak(let weakness)): throw weakness.problem("new_password")
            case .refused(.signedOut): throw Problem.invalidCredential
            }
        }
    }
}

extension Password.Weakness {
    func problem(_ field: String) -> Problem { .validation([FieldError(field, message.text)]) }
}
