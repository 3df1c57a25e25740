import AccessDomain
import Configuration
import Shared

/// What an operator sets for Access.
package struct AccessSettings: Sendable {
    /// How many times the anonymous plan's amount one network has: more for audiences behind one address.
    package let anonymousPerPrefix: Int
    /// Registers a few services at the first start, to try things with.
    package let registersSamples: Bool
    /// Peers that may ask at the forward doors without a key: the proxies; where there are none, outside production,
    /// this machine.
    package let gateways: [NetworkPrefix]
    package let usesSecureCookies: Bool

    package init(
        _ reader: inout SettingsReader, isProduction: Bool, trustedProxies: [NetworkPrefix] = [],
        usesSecureCookies: Bool = true
    ) {
        anonymousPerPrefix = reader.integer("ANONYMOUS_PER_PREFIX", default: 1, in: 1...100_000)
        registersSamples = !isProduction
        let thisMachine = ["127.0.0.0/8", "::1"].compactMap { NetworkPrefix(text: $0) }
        gateways = trustedProxies.isEmpty && !isProduction ? thisMachine : trustedProxies
        self.usesSecureCookies = usesSecureCookies
    }
}
