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
            try await hit("\(route):prefix:\(request.clientAddress.limitPrefix)", perPrefix, route)
        }
        if let perAccount, let email {
            try await hit("\(route):account:\(email.key)", perAccount, route)
        }
    }

    private func hit(_ key: String, _ rule: RateLimitRule, _ route: String) async throws {
        let state = try await store.hit(key, rule: rule)
        guard !state.isAllowed else { return }
        let seconds = max(1, state.resetsIn.secondsRoundedUp)
        throw Problem(
            .tooManyAttempts, "Try again in \(seconds) s",
            headers: [
                ("Retry-After", String(seconds)),
                ("RateLimit", "\"\(route)\";r=\(state.remaining);t=\(seconds)"),
                ("RateLimit-Policy", "\"\(route)\";q=\(rule.quota);w=\(rule.window.components.seconds)"),
            ])
    }
}
