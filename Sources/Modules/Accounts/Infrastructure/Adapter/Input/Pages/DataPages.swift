import AccountsApplication
import AccountsContract
import AccountsDomain
import Authorization
import HTTP
import Pages
import Shared
import Templates

/// `/account/data`: what is held about a person, and the ways out.
struct DataPages: Sendable {
    let tools: PageTools
    let manage: ManageAccountService
    let personalData: PersonalDataService
    let signInWithMail: SignInWithMailService

    private var frame: PageFrame { tools.frame }

    var routes: [Route] {
        [
            showRoute, exportRoute, deactivateRoute, eraseRoute,
            .ownCode("data", "mailDataCode", tools, signInWithMail, again: page),
        ]
    }

    private var showRoute: Route {
        .ownPage(
            "/account/data",
            .ownPage("showData", "Download, deactivation and deletion of the signed-in person's account"),
            tools
        ) { request, owner in try page(.empty, owner, request) }
    }

    /// The download takes a fresh proof, which a page asks for on the way.
    private var exportRoute: Route {
        Route(
            .get, "/account/data/export",
            .ownPage("exportFromPage", "On to the download of the signed-in person's data, after a fresh proof"),
            needs: .session, stepUp: .fresh, gate: tools.gate, reads: .query(PlainQuery.self)
        ) { _, _, _ in Response(status: 303, headers: [("Location", "/me/export")]) }
    }

    private func page(_ form: PageForm, _ owner: PageOwner, _ request: Request) throws -> Response {
        try frame.show(
            PageContent(
                "account_data", ["has_password": .flag(owner.hasPassword)],
                fields: [
                    PageField("pause_password", .currentPassword, lengthMax: 1_024), PageField("pause_code", .code),
                    PageField("erase_password", .currentPassword, lengthMax: 1_024), PageField("erase_code", .code),
                ], form: form, reader: owner.reader, shape: .columns),
            to: request)
    }

    private var deactivateRoute: Route {
        leaving(
            "/account/data/deactivate", "deactivateOnPage", "Deactivate the account with the form of the page",
            DeactivateForm.self, limit: "deactivate", saying: "deactivated"
        ) { proof, caller, client in
            switch try await manage.deactivate(DeactivateAccountCommand(caller: caller, proof: proof, client: client)) {
            case .deactivated: .done
            case .refused(let refusal): .refused(refusal)
            case .lastAdministrator: .lastAdministrator
            }
        }
    }

    private var eraseRoute: Route {
        leaving(
            "/account/data/erase", "eraseOnPage", "Delete the account for good with the form of the page",
            EraseForm.self,
            limit: "erase", saying: "erased", stepUp: .freshUnlessProved
        ) { proof, caller, client in
            switch try await personalData.erase(EraseAccountCommand(caller: caller, proof: proof, client: client)) {
            case .erased: .done
            case .refused(let refusal): .refused(refusal)
            case .lastAdministrator: .lastAdministrator
            }
        }
    }

    private enum Outcome {
        case done
        case refused(ConfirmationRefusal)
        case lastAdministrator
    }

    /// A form after which nobody is signed in any more.
    private func leaving<Body: ProofForm>(
        _ path: PathTemplate, _ id: String, _ summary: String, _ body: Body.Type, limit: String, saying note: String,
        stepUp: StepUpNeed = .none,
        _ leave: @escaping @Sendable (ConfirmationProof, SessionCaller, ClientInfo) async throws -> Outcome
    ) -> Route {
        .ownForm(
            path,
            .ownForm(
                id, summary, [.problem(.wrongPassword), .problem(.lastAdministrator), .problem(.tooManyAttempts)]),
            body, tools, stepUp: stepUp
        ) { request, form, owner in
            switch form {
            case .failure(let form): return try page(form, owner, request)
            case .success((let body, let form)):
                do {
                    try await tools.limit.check(request, route: limit, user: owner.caller.userID)
                    switch try await leave(body.proof, owner.caller, request.client) {
                    case .done:
                        return tools.delivery.clearingCookies(
                            of: try frame.leaving(to: "/sign-in", saying: PageNote(note, on: "sign_in")))
                    case .refused(let refusal):
                        let field = "\(Body.name)_\(body.password == nil ? "code" : "password")"
                        return try page(try tools.form(form, refusal, at: field, request, owner), owner, request)
                    case .lastAdministrator:
                        let form = try tools.form(form, refusedBy: Problem(.lastAdministrator), request, owner)
                        return try page(form, owner, request)
                    }
                } catch let problem as Problem where problem.kind == .tooManyAttempts {
                    return try page(try tools.form(form, refusedBy: problem, request, owner), owner, request)
                }
            }
        }
    }
}
