import Shared

/// What follows from an identity that another company vouches for. The identity is looked up by provider, issuer and
/// subject; an address is never a key for that, and says only whose account it might belong to.
package enum LinkingDecision: Sendable, Equatable {
    /// It is somebody's already.
    case signIn
    /// A new account.
    case provision(isProved: Bool)
    /// Nothing is made before an address is proved.
    case askForAddress
    /// It becomes one more way into the account that has the address.
    case link
    /// The account was a claim that nobody had proved: everything made before goes, then it is linked.
    case proveAndLink
    case refuse(Refusal)

    package enum Refusal: Sendable, Equatable {
        case accountExists
        case registrationClosed
        case obstructed(User.SignInObstacle)
    }

    /// The account that has the identity's address.
    package struct Holder: Sendable, Equatable {
        package let user: User
        /// Whether another identity of the same provider is linked to it: then this one is another person's, who was
        /// given the address after its first owner.
        package let hasIdentityOfProvider: Bool

        package init(user: User, hasIdentityOfProvider: Bool) {
            self.user = user
            self.hasIdentityOfProvider = hasIdentityOfProvider
        }
    }

    /// - Parameters:
    ///   - isKnown: whether the identity is in the table.
    ///   - trust: in the address; `none` without one.
    ///   - mayProvision: whether new accounts are made.
    package init(
        isKnown: Bool, trust: EmailTrust, holder: Holder?, mayProvision: Bool, at now: Timestamp
    ) {
        if isKnown {
            self = .signIn
        } else if let holder {
            self = Self.against(holder, trust, at: now)
        } else {
            switch trust {
            case .none: self = .askForAddress
            case .verified, .authoritative:
                self = mayProvision ? .provision(isProved: trust == .authoritative) : .refuse(.registrationClosed)
            }
        }
    }

    private static func against(_ holder: Holder, _ trust: EmailTrust, at now: Timestamp) -> LinkingDecision {
        switch holder.user.signInObstacle(at: now) {
        case .blocked(let until): .refuse(.obstructed(.blocked(until: until)))
        case .inactive: .refuse(.obstructed(.inactive))
        case .notVerified: trust == .authoritative ? .proveAndLink : .refuse(.accountExists)
        case nil:
            trust == .authoritative && !holder.hasIdentityOfProvider ? .link : .refuse(.accountExists)
        }
    }
}
