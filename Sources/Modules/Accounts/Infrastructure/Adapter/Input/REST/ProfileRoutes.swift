import AccountsApplication
import AccountsContract
import Authorization
import HTTP
import Shared

/// The caller's own account.
struct ProfileRoutes: Sendable {
    let readAccount: ReadAccountService
    let edit: EditProfileService
    let manage: ManageAccountService
    let gate: any Gate
    let limit: SignInLimit
    let delivery: TokenDelivery

    private static let tag = "Profile"

    var routes: [Route] {
        [
            Route(
                .get, "/me",
                Operation(
                    "readMe", "The signed-in user with the profile", tag: Self.tag,
                    answers: [.json(200, UserAnswer.self, "The user")]),
                needs: .session, gate: gate
            ) { _, principal in
                let caller = try principal.caller
                guard let account = try await readAccount(caller.userID) else {
                    throw Problem.invalidCredential
                }
                return .json(UserAnswer(account: account))
            },
            Route(
                .patch, "/me",
                Operation(
                    "editMe", "Change names, username, picture and language; null clears", tag: Self.tag,
                    answers: [.json(200, UserAnswer.self, "The user")]),
                needs: .session, gate: gate, reads: .body(ProfileBody.self)
            ) { _, body, principal in
                let caller = try principal.caller
                guard let account = try await edit(caller, body.changes) else {
                    throw Problem.invalidCredential
                }
                return .json(UserAnswer(account: account))
            },
            Route(
                .post, "/deactivate",
                Operation(
                    "deactivate", "Deactivate the account, after the password or a fresh code; ends all sessions",
                    tag: Self.tag,
                    answers: [
                        .empty(204, "The account is deactivated"), .problem(.wrongPassword),
                        .problem(.lastAdministrator),
                        .problem(.tooManyAttempts),
                    ]),
                needs: .session, gate: gate, reads: .body(ConfirmationBody.self)
            ) { request, body, principal in
                let caller = try principal.caller
                try await limit.check(request, route: "deactivate", user: caller.userID)
                let command = DeactivateAccountCommand(caller: caller, proof: body.proof, client: request.client)
                switch try await manage.deactivate(command) {
                case .deactivated: return delivery.signedOut()
                case .refused(let refusal): throw refusal.problem("The password or the code is not right")
                case .lastAdministrator: throw Problem(.lastAdministrator)
                }
            },
        ]
    }
}
