import AccountsContract
import AccountsDomain
import Shared

/// Finds or makes the account of somebody whom another company vouches for.
package struct ResolveIdentity: Sendable {
    private let identifiers: any IdentifierSource
    private let validationLifetime: Duration
    private let isRegistrationOpen: Bool

    /// - Parameter isRegistrationOpen: `REGISTRATION`; if not, administrators alone make accounts.
    package init(identifiers: any IdentifierSource, validationLifetime: Duration, isRegistrationOpen: Bool) {
        self.identifiers = identifiers
        self.validationLifetime = validationLifetime
        self.isRegistrationOpen = isRegistrationOpen
    }

    enum Resolution: Sendable {
        /// - Parameter account: locked.
        case resolved(Account, Identity)
        /// Made, and to be proved by mail before anybody signs in.
        case unproved(Account, Identity)
        case addressNeeded
        case refused(LinkingDecision.Refusal)
    }

    /// - Parameter locale: of a new account's mails and pages.
    func callAsFunction(
        _ profile: ExternalProfile, of provider: ProviderName, _ client: ClientInfo, locale: String, at now: Timestamp,
        in context: any AccountsContext
    ) throws -> Resolution {
        if let known = try signIn(profile, provider, at: now, in: context) { return known }
        // Of two that come at once one makes the account, and the other finds it in the next round.
        for _ in 0..<3 {
            let holder = try profile.email.flatMap { try context.users.lock(email: $0) }
            // Whoever linked it meanwhile held the lock.
            if let known = try signIn(profile, provider, at: now, in: context) { return known }
            switch try decide(profile, provider, holder, at: now, in: context) {
            case .signIn: continue
            case .askForAddress: return .addressNeeded
            case .refuse(let refusal): return .refused(refusal)
            case .provision(let isProved):
                if let made = try provision(profile, provider, isProved, client, locale, at: now, in: context) {
                    return made
                }
            case .link, .proveAndLink:
                guard var account = holder else { continue }
                try context.prove(&account, at: now, client)
                let identity = try context.link(
                    profile, of: provider, as: identifiers.next(), to: account.user, at: now, client)
                return .resolved(account, identity)
            }
        }
        throw Unavailable("accounts", reason: "the address changes hands", retryAfter: .seconds(1))
    }

    private func decide(
        _ profile: ExternalProfile, _ provider: ProviderName, _ holder: Account?, at now: Timestamp,
        in context: any AccountsContext
    ) throws -> LinkingDecision {
        LinkingDecision(
            isKnown: false, trust: profile.email == nil ? .none : profile.emailTrust,
            holder: try holder.map { account in
                LinkingDecision.Holder(
                    user: account.user,
                    hasIdentityOfProvider: try context.identities.all(of: account.user.id)
                        .contains { $0.provider == provider })
            },
            mayProvision: isRegistrationOpen, at: now)
    }

    /// Keeps what the provider says now; the account's own address is another thing.
    private func signIn(
        _ profile: ExternalProfile, _ provider: ProviderName, at now: Timestamp, in context: any AccountsContext
    ) throws -> Resolution? {
        guard let (account, found) = try context.owner(of: profile, at: provider) else { return nil }
        var identity = found
        if let email = profile.email { (identity.email, identity.emailTrust) = (email, profile.emailTrust) }
        identity.claims = profile.claims
        identity.lastUsed = now
        try context.identities.update(identity)
        return .resolved(account, identity)
    }

    /// - Returns: nil if the address was taken meanwhile.
    private func provision(
        _ profile: ExternalProfile, _ provider: ProviderName, _ isProved: Bool, _ client: ClientInfo,
        _ locale: String, at now: Timestamp, in context: any AccountsContext
    ) throws -> Resolution? {
        guard let email = profile.email else { return nil }
        let user = User(
            id: identifiers.next(), email: email, username: nil, passwordHash: nil, isVerified: isProved,
            locale: locale, provider: provider.text, registeredFrom: client.address, createdAt: now, updatedAt: now)
        let account = Account(user: user, profile: Profile(profile.claims))
        guard try context.users.insert(account) else { return nil }
        var proof: ValidationToken?
        if !isProved {
            proof = ValidationToken(
                id: identifiers.next(), userID: user.id, purpose: .verify, address: email, createdAt: now,
                expiresAt: now + validationLifetime)
        }
        if let proof { try context.validations.insert(proof) }
        try context.publish(UserCreated(userID: user.id, validationID: proof?.id))
        try context.audit(
            .done("user.registered", by: "user:\(user.id)", on: "user:\(user.id)", personal: client.personal))
        let identity = try context.link(
            profile, of: provider, as: identifiers.next(), to: user, isNewAccount: true, at: now, client)
        guard isProved else { return .unproved(account, identity) }
        try context.publish(UserVerified(userID: user.id))
        return .resolved(account, identity)
    }
}

extension Profile {
    private static let imageLengthMax = 500

    /// What a provider says, as far as a profile takes it.
    init(_ claims: IdentityClaims) {
        func name(_ text: String?) -> String? {
            let kept = text.map { $0.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F } }
            return kept.flatMap {
                $0.isEmpty ? nil : String(String.UnicodeScalarView($0.prefix(UserFieldLimits.name.upperBound)))
            }
        }
        self.init(
            firstName: name(claims.givenName ?? (claims.familyName == nil ? claims.name : nil)),
            lastName: name(claims.familyName),
            image: claims.picture.flatMap { text in
                text.hasPrefix("https://") && text.utf8.count <= Self.imageLengthMax ? text : nil
            })
    }
}
