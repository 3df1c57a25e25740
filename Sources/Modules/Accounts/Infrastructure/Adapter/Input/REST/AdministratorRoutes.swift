import AccountsApplication
import AccountsDomain
import HTTP
import Pages
import Shared
import Templates

/// The page behind an administrator's link: sets the password and appoints.
struct AdministratorRoutes: Sendable {
    let appoint: AppointAdministratorService
    let limit: SignInLimit
    let frame: PageFrame

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
            case .open(let address): return try page(address, query.token, .empty, request)
            }
        }
    }

    /// - Parameter address: that the link names; nil if its holder chooses.
    private func page(
        _ address: EmailAddress?, _ token: String, _ form: PageForm, _ request: Request
    ) throws -> Response {
        try frame.show(
            PageContent(
                "administrator", ["token": .text(token)],
                fields: [
                    PageField(
                        "email", .email, isReadOnly: address != nil, hasFocus: address == nil, value: address?.text),
                    PageField("password", .newPassword, lengthMax: 1_024),
                ], form: form),
            to: request)
    }

    private func showAgain(_ form: PageForm, _ request: Request) async throws -> Response {
        let token = form.texts["token"] ?? ""
        switch try await appoint.preview(token) {
        case .refused(let refusal): throw refusal.problem
        case .open(let address): return try page(address, token, form, request)
        }
    }

    private var acceptRoute: Route {
        Route(
            .post, "/administrator/accept",
            Operation(
                "acceptAdministratorLink", "Become an administrator by a link", tag: Self.tag, isPage: true,
                answers: [
                    .empty(303, "The same for forms: the next page says so"), .problem(.csrf),
                    .json(200, UserAnswer.self, "The administrator"), .problem(.invalidToken),
                    .problem(.tokenExpired), .problem(.tooManyAttempts),
                ]
            ).withBody(AcceptAdministratorBody.self, formats: [.json, .form])
        ) { request in
            let body: AcceptAdministratorBody
            switch try frame.readAny(AcceptAdministratorBody.self, request, faults: .accountFaults) {
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
                return try await showAgain(PageForm(["token": body.token]).with("missing", at: "email"), request)
            case .appointed(let account):
                guard request.wantsPage else { return .json(UserAnswer(account: account)) }
                let note = PageNote("administrator", on: "sign_in", ["address": account.user.email.text])
                return try frame.leaving(to: "/sign-in", saying: note)
            }
        }
    }
}
