import AccountsContract
import Shared

/// Tells who calls, from an access token.
package protocol Authenticate: Sendable {
    /// - Returns: nil if the token, its session or its account does not count (any more).
    func callAsFunction(accessToken: String) async throws -> Caller?
}

/// Somebody signed in.
package struct Caller: Sendable, Equatable {
    package let userID: UserID
    package let sessionID: SessionID

    package init(userID: UserID, sessionID: SessionID) {
        self.userID = userID
        self.sessionID = sessionID
    }
}
