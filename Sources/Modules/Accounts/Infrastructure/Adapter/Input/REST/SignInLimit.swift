import Cache
import HTTP
import Shared

/// Limits attempts on the sign-in routes, per account and per network prefix.
struct SignInLimit: Sendable {
    let store: any RateLimitStore
    /// Nil: off.
    let perAccount: RateLimitRule?
    let perPrefix: RateLimitRule?

    /// Counts one attempt. The prefix goes first: one that has reached its limit uses up nobody's account.
    ///
    /// - Parameters:
    ///   - route: a short name; each route counts by itself.
    ///   - email: the account that is tried; nil where there is none.
    /// - Throws: a problem 429.
    func check(_ request: Request, route: String, email: EmailAddress?) async throws {
        if let perPrefix {
            try await store.check(route, key: "prefix:\(request.clientAddress.limitPrefix)", perPrefix)
        }
        if let perAccount, let email {
            try await store.check(route, key: "account:\(email.key)", perAccount)
        }
    }
}

extension RateLimitStore {
    /// Counts one attempt.
    ///
    /// - Parameter name: of the limit, as the answer tells it.
    /// - Throws: a problem 429.
    func check(_ name: String, key: String, _ rule: RateLimitRule) async throws {
        let state = try await hit("\(name):\(key)", rule: rule)
        guard !state.isAllowed else { return }
        let seconds = max(1, state.resetsIn.secondsRoundedUp)
        throw Problem(
            .tooManyAttempts, "Try again in \(seconds) s",
            headers: [
                ("Retry-After", String(seconds)),
                ("RateLimit", "\"\(name)\";r=\(state.remaining);t=\(seconds)"),
                ("RateLimit-Policy", "\"\(name)\";q=\(rule.quota);w=\(rule.window.components.seconds)"),
            ])
    }
}
