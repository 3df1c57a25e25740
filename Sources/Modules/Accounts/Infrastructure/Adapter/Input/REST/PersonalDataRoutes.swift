import AccountsApplication
import AccountsContract
import Authorization
import Composition
import HTTP
import JSON
import Shared

/// A person's right to what is held about him, and to be forgotten.
struct PersonalDataRoutes: Sendable {
    let personalData: PersonalDataService
    let gate: any Gate
    let limit: SignInLimit
    let delivery: TokenDelivery
    /// What other modules hold.
    let others: Provided<[PersonalDataPart]>

    private static let tag = "Profile"

    var routes: [Route] { [exportRoute, eraseRoute] }

    private var exportRoute: Route {
        Route(
            .get, "/me/export",
            Operation(
                "exportMe", "Everything held about the caller", tag: Self.tag,
                answers: [.json(200, PersonalDataAnswer.self, "The data")]),
            needs: .session, stepUp: .fresh, gate: gate
        ) { _, principal in
            let caller = try principal.caller
            guard let export = try await personalData.export(caller) else {
                throw Problem.invalidCredential
            }
            var modules: [(String, JSONValue)] = []
            for part in try others.get() {
                modules.append((part.name, try await part.export(caller.userID.value)))
            }
            var response = Response.json(PersonalDataAnswer(export: export, modules: JSONObject(modules)))
            response.add("Content-Disposition", "attachment; filename=\"my-data.json\"")
            return response
        }
    }

    private var eraseRoute: Route {
        Route(
            .delete, "/me",
            Operation(
                "eraseMe", "Delete the account for good, after the password or a fresh code", tag: Self.tag,
                answers: [
                    .empty(204, "The account is gone"), .problem(.wrongPassword), .problem(.lastAdministrator),
                    .problem(.tooManyAttempts),
                ]),
            needs: .session, stepUp: .freshUnlessProved, gate: gate, reads: .body(ConfirmationBody.self)
        ) { request, body, principal in
            let caller = try principal.caller
            try await limit.check(request, route: "erase", user: caller.userID)
            let command = EraseAccountCommand(caller: caller, proof: body.proof, client: request.client)
            switch try await personalData.erase(command) {
            case .erased: return delivery.signedOut()
            case .refused(let refusal): throw refusal.problem("The password or the code is not right")
            case .lastAdministrator: throw Problem(.lastAdministrator)
            }
        }
    }
}
