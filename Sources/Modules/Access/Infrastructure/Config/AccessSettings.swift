import AccessDomain
import Configuration
import Shared

/// What an operator sets for Access.
package struct AccessSettings: Sendable {
    /// How many times the anonymous plan's amount one network has: more for audiences behind one address.
    package let anonymousPerPrefix: Int
    /// How long fast limits are decided in memory while counts cannot be written.
    package let degradedMax: Duration
    /// Registers a few services at the first start, to try things with.
    package let registersSamples: Bool
    /// Peers that may ask at the forward doors without a key; where none are named, outside production, this machine.
    package let gateways: [NetworkPrefix]
    /// What they append to `X-Forwarded-For` is believed.
    package let trustedProxies: [NetworkPrefix]
    /// For the log at the start.
    package let warnings: [String]
    package let usesSecureCookies: Bool

    package init(
        _ reader: inout SettingsReader, isProduction: Bool, trustedProxies: [NetworkPrefix] = [],
        usesSecureCookies: Bool = true
    ) {
        anonymousPerPrefix = reader.integer("ANONYMOUS_PER_PREFIX", default: 1, in: 1...100_000)
        degradedMax = reader.value(
            "QUOTA_DEGRADED_MAX", default: .seconds(300), "must be a duration from 1s to 1d, such as 5m"
        ) { text in
            Duration(text: text).flatMap { (.seconds(1) ... .seconds(86_400)).contains($0) ? $0 : nil }
        }
        registersSamples = !isProduction
        let thisMachine = ["127.0.0.0/8", "::1"].compactMap { NetworkPrefix(text: $0) }
        let named = reader.list("GATEWAYS", "addresses or networks such as 10.0.0.0/8") { NetworkPrefix(text: $0) }
        gateways = named.isEmpty && !isProduction ? thisMachine : named
        self.trustedProxies = trustedProxies
        // Before there were GATEWAYS, trusted proxies were gateways: whoever relied on that gets 403 now.
        warnings =
            named.isEmpty && !trustedProxies.isEmpty
            ? [
                "TRUSTED_PROXIES is set and GATEWAYS is not: no proxy may ask at /access/forward without a key; those that guard services belong in GATEWAYS"
            ] : []
        self.usesSecureCookies = usesSecureCookies
    }
}
