import AccountsDomain

/// Every other company by which people sign in here, in the order in which buttons show them.
package struct IdentityProviders: Sendable {
    package let all: [any IdentityProvider]

    /// - Parameter all: no two of one name.
    package init(_ all: [any IdentityProvider] = []) {
        self.all = all
    }

    /// - Returns: nil if it is not configured.
    package subscript(name: ProviderName) -> (any IdentityProvider)? {
        all.first { $0.name == name }
    }
}
