/// Which of a browser's session cookies counts.
package enum CookieChoice: Sendable, Equatable {
    /// Not one is genuine and alive.
    case none
    case one(token: String, SessionCaller)
    /// Several people's: nobody can tell as whom the browser acts.
    case ofSeveralPeople
}

extension AccountsFacade {
    /// The access token that only this host can have set counts if it is genuine. Of the others, which a neighbouring
    /// domain can have set too, the genuine one counts, and of several of one person the newest session's.
    ///
    /// - Throws: `Unavailable` if neither memory nor the store can tell.
    package func choose(own: String?, others: [String]) async throws -> CookieChoice {
        if let own, let caller = try await caller(accessToken: own) { return .one(token: own, caller) }
        var found: (token: String, caller: SessionCaller)?
        for token in others {
            guard let caller = try await caller(accessToken: token) else { continue }
            guard let best = found else {
                found = (token, caller)
                continue
            }
            guard best.caller.userID == caller.userID else { return .ofSeveralPeople }
            // Identifiers are in order of time.
            if best.caller.sessionID.value < caller.sessionID.value { found = (token, caller) }
        }
        return found.map { .one(token: $0.token, $0.caller) } ?? .none
    }
}
