import AccessDomain
import Configuration
import Shared

/// What an operator sets for Access.
package struct AccessSettings: Sendable {
    /// How many times the anonymous plan's amount one network has: more for audiences behind one address.
    package let anonymousPerPrefix: Int
    /// Registers a few services at the first start, to try things with.
    package let registersSamples: Bool

    package init(_ reader: inout SettingsReader, isProduction: Bool) {
        anonymousPerPrefix = reader.integer("ANONYMOUS_PER_PREFIX", default: 1, in: 1...100_000)
        registersSamples = !isProduction
    }
}
