import AccountsApplication
import AccountsContract
import HTTP
import Shared

/// The caller's own account.
struct ProfileRoutes: Sendable {
    let readAccount: any ReadAccount
    let edit: any EditProfile
    let manage: any ManageAccount
    let authenticator: Authenticator
    let delivery: TokenDelivery

    private static let tag = "Profile"

    var routes: [Route] {
        [
            Route(
                .get, "/me",
                Operation(
                    "readMe", "The signed-in user with the profile", tag: Self.tag, security: .signedIn,
                    answers: [.json(200, UserAnswer.self, "The user")]),
                signedInBy: authenticator
            ) { _, caller in
                guard let account = try await readAccount(caller.userID) else {
                    throw Problem.invalidAccessToken
                }
                return .json(UserAnswer(account: account))
            },
            Route(
                .patch, "/me",
                Operation(
                    "editMe", "Change names, username, picture and language; null clears", tag: Self.tag,
                    security: .signedIn, answers: [.json(200, UserAnswer.self, "The user")]),
                body: ProfileBody.self, signedInBy: authenticator
            ) { _, body, caller in
                guard let account = try await edit(caller, body.changes) else {
                    throw Problem.invalidAccessToken
                }
                return .json(UserAnswer(account: account))
            },
            Route(
                .post, "/deactivate",
                Operation(
                    "deactivate", "Deactivate the account; ends all sessions", tag: Self.tag, security: .signedIn,
                    answers: [.empty(204, "The account is deactivated"), .problem(.lastAdministrator)]),
                signedInBy: authenticator
            ) { request, caller in
                switch try await manage.deactivate(caller, client: request.client) {
                case .deactivated: return delivery.signedOut()
                case .lastAdministrator: throw Problem(.lastAdministrator)
                }
            },
        ]
    }
}
