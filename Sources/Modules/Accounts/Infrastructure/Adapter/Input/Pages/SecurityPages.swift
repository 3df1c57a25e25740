import AccountsApplication
import AccountsContract
import AccountsDomain
import Authorization
import HTTP
import Pages
import Shared
import Templates

/// `/account/security`: password and address.
struct SecurityPages: Sendable {
    let tools: PageTools
    let manage: ManageAccountService
    let signInWithMail: SignInWithMailService

    private var frame: PageFrame { tools.frame }
    private static let path = "/account/security"
    private static let name = "account_security"

    var routes: [Route] {
        [
            showRoute, passwordRoute, emailRoute,
            .ownCode("security", "mailSecurityCode", tools, signInWithMail, again: page),
        ]
    }

    private var showRoute: Route {
        .ownPage("/account/security", .ownPage("showSecurity", "Password and address of the signed-in person"), tools) {
            request, owner in try page(.empty, owner, request)
        }
    }

    private func page(_ form: PageForm, _ owner: PageOwner, _ request: Request) throws -> Response {
        try frame.show(
            PageContent(
                Self.name,
                ["address": .text(owner.user.email.text), "has_password": .flag(owner.hasPassword)],
                fields: [
                    PageField("current_password", .currentPassword, lengthMax: 1_024), PageField("code", .code),
                    PageField("new_password", .newPassword, lengthMax: 1_024),
                    PageField("new_email", .email, autocomplete: "email"),
                    PageField("email_password", .currentPassword, lengthMax: 1_024), PageField("email_code", .code),
                ], form: form, reader: owner.reader, shape: .columns),
            to: request)
    }

    private var passwordRoute: Route {
        .ownForm(
            "/account/security/password",
            .ownForm(
                "changePasswordOnPage", "Change or set the password with the form of the page",
                [.problem(.wrongPassword), .problem(.tooManyAttempts)]),
            PasswordForm.self, tools, stepUp: .freshUnlessProved
        ) { request, form, owner in
            switch form {
            case .failure(let form): return try page(form, owner, request)
            case .success((let body, let form)):
                let field = body.password == nil ? "code" : "current_password"
                do {
                    try await tools.limit.check(request, route: "change_password", user: owner.caller.userID)
                    let command = ChangePasswordCommand(
                        caller: owner.caller, proof: body.proof, new: body.new, client: request.client)
                    switch try await manage.changePassword(command) {
                    case .changed(let signedIn):
                        return tools.delivery.adding(
                            signedIn,
                            to: try frame.leaving(to: Self.path, saying: PageNote("password_changed", on: Self.name)),
                            for: request)
                    case .refused(.confirmation(let refusal)):
                        return try page(try tools.form(form, refusal, at: field, request, owner), owner, request)
                    case .refused(.weak(let weakness)):
                        guard request.wantsPage else { throw weakness.problem("new_password") }
                        return try page(form.with(weakness.word, at: "new_password"), owner, request)
                    case .refused(.signedOut): throw Problem.invalidCredential
                    }
                } catch let problem as Problem where problem.kind == .tooManyAttempts {
                    return try page(try tools.form(form, refusedBy: problem, request, owner), owner, request)
                }
            }
        }
    }

    private var emailRoute: Route {
        .ownForm(
            "/account/security/email",
            .ownForm(
                "changeEmailOnPage", "Mail a link to a new address with the form of the page",
                [.problem(.wrongPassword), .problem(.emailUnchanged), .problem(.tooManyAttempts)]),
            EmailForm.self, tools, stepUp: .freshUnlessProved
        ) { request, form, owner in
            switch form {
            case .failure(let form): return try page(form, owner, request)
            case .success((let body, let form)):
                let field = body.password == nil ? "email_code" : "email_password"
                do {
                    try await tools.limit.check(request, route: "change_email", user: owner.caller.userID)
                    let command = ChangeEmailCommand(
                        caller: owner.caller, email: body.email, proof: body.proof, client: request.client)
                    switch try await manage.changeEmail(command) {
                    case .mailed:
                        let note = PageNote("email_mailed", on: Self.name, ["address": body.email.text])
                        return try frame.leaving(to: Self.path, saying: note)
                    case .refused(let refusal):
                        return try page(try tools.form(form, refusal, at: field, request, owner), owner, request)
                    case .unchanged:
                        let form = try tools.form(
                            form, refusedBy: Problem(.emailUnchanged), at: "new_email", request, owner)
                        return try page(form, owner, request)
                    case .tooManyMails(let delay): throw Problem.tooManyAttempts(retryAfter: delay)
                    case .signedOut: throw Problem.invalidCredential
                    }
                } catch let problem as Problem where problem.kind == .tooManyAttempts {
                    return try page(try tools.form(form, refusedBy: problem, request, owner), owner, request)
                }
            }
        }
    }
}

extension PageTools {
    /// A form that was refused because its password or code is not right.
    func form(
        _ form: PageForm, _ refusal: ConfirmationRefusal, at field: String, _ request: Request, _ owner: PageOwner
    ) throws(Problem) -> PageForm {
        try self.form(
            form, refusedBy: refusal.problem("The password or the code is not right"),
            at: refusal == .wrong ? field : "", saying: field.hasSuffix("code") ? "wrong_code" : "wrong_password",
            request,
            owner)
    }
}

extension Route {
    /// The form by which somebody without a password gets a code to their own address.
    ///
    /// - Parameter page: the last part of its path; the form lies below it.
    static func ownCode(
        _ page: String, _ id: String, _ tools: PageTools, _ mail: SignInWithMailService,
        again: @escaping @Sendable (PageForm, PageOwner, Request) throws -> Response
    ) -> Route {
        .ownForm(
            PathTemplate(stringLiteral: "/account/\(page)/code"),
            .ownForm(id, "Mail a code to the signed-in person's address", [.problem(.tooManyAttempts)]),
            ButtonForm.self, tools
        ) { request, form, owner in
            switch form {
            case .failure(let form): return try again(form, owner, request)
            case .success((_, let form)):
                do {
                    try await tools.limit.check(request, route: "request_login_code", user: owner.caller.userID)
                } catch let problem as Problem where problem.kind == .tooManyAttempts {
                    return try again(try tools.form(form, refusedBy: problem, request, owner), owner, request)
                }
                try await mail.request(email: owner.user.email)
                return try tools.frame.leaving(
                    to: "/account/\(page)", saying: PageNote("code_sent", on: "account_\(page)"))
            }
        }
    }
}
