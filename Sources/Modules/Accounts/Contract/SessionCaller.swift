/// Somebody signed in.
package struct SessionCaller: Sendable, Equatable {
    package let userID: UserID
    package let sessionID: SessionID

    package init(userID: UserID, sessionID: SessionID) {
        self.userID = userID
        self.sessionID = sessionID
    }
}

/// Whose a genuine access token is.
package enum TokenOwner: Sendable, Equatable {
    case caller(SessionCaller)
    /// The token's session has ended, so the token lets nobody in; whose it was tells why.
    case ended(UserID)

    /// Nil for a token that lets nobody in.
    package var caller: SessionCaller? { if case .caller(let caller) = self { caller } else { nil } }

    package var userID: UserID {
        switch self {
        case .caller(let caller): caller.userID
        case .ended(let userID): userID
        }
    }
}
