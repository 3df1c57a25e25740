import AccountsApplication
import AccountsContract
import Cache
import HTTP
import Shared

/// Limits attempts on the sign-in routes, per account and per network prefix.
struct SignInLimit: Sendable {
    let store: any RateLimitStore
    /// Nil: off.
    let perAccount: RateLimitRule?
    let perPrefix: RateLimitRule?
    let devices: DeviceCookies
    let deviceOwner: FindDeviceOwnerService

    /// Counts one attempt. The prefix goes first: one that has reached its limit uses up nobody's account.
    ///
    /// - Parameters:
    ///   - route: a short name; each route counts by itself.
    ///   - email: the account that is tried; nil where there is none.
    /// - Returns: who calls; with the device, if the account's owner has used it before.
    /// - Throws: a problem 429.
    @discardableResult
    func check(_ request: Request, route: String, email: EmailAddress?) async throws -> ClientInfo {
        if let perPrefix {
            try await checkNetworks(of: request.clientAddress, route: route, perPrefix)
        }
        var device: Identifier?
        if let email, devices.namesDevice(request), let owner = try await deviceOwner(email: email) {
            device = devices.knownDevice(of: request, for: owner)
        }
        if let perAccount, let email {
            // A device of the owner counts by itself, so that a flood from elsewhere does not use up its attempts.
            let suffix = device.map { ":\($0)" } ?? ""
            try await store.check(route, key: "account:\(email.key)\(suffix)", perAccount)
        }
        return request.client(knownDevice: device)
    }
}

extension SignInLimit {
    /// One home line may have 65,536 IPv6 networks: together they have what 32 have. What is refused for the one
    /// network's sake does not count for the others.
    func checkNetworks(of address: NetworkAddress, route: String, _ rule: RateLimitRule) async throws {
        try await store.check(route, key: "prefix:\(address.limitPrefix)", rule)
        guard let site = address.site else { return }
        let ofSite = RateLimitRule(quota: rule.quota * NetworkAddress.networksOfSite, window: rule.window)
        try await store.check(route, key: "site:\(site)", ofSite)
    }

    /// For a signed-in person who confirms with the password.
    func check(_ request: Request, route: String, user: UserID) async throws {
        guard let perAccount else { return }
        try await store.check(route, key: "user:\(user)", perAccount)
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
