import AccountsApplication
import HTTP
import Shared

/// The caller's own account.
struct ProfileRoutes: Sendable {
    let readAccount: any ReadAccount
    let authenticator: Authenticator

    var routes: [Route] {
        [
            Route(
                .get, "/me",
                Operation(
                    "readMe", "The signed-in user with the profile", tag: "Profile", security: .signedIn,
                    answers: [.json(200, UserAnswer.self, "The user")]),
                signedInBy: authenticator
            ) { _, caller in
                guard let account = try await readAccount(caller.userID) else {
                    throw Problem.unauthenticated(.unauthenticated)
                }
                return .json(UserAnswer(account: account))
            }
        ]
    }
}
