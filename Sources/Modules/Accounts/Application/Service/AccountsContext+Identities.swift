import AccountsContract
import AccountsDomain
import Shared

extension AccountsContext {
    /// Makes an account at another company a way to sign in.
    ///
    /// - Parameters:
    ///   - user: locked.
    ///   - isNewAccount: whether the account was made for it; its owner gets no mail about the identity then.
    func link(
        _ profile: ExternalProfile, of provider: ProviderName, as id: IdentityID, to user: User,
        isNewAccount: Bool = false, at now: Timestamp, _ client: ClientInfo
    ) throws -> Identity {
        let identity = Identity(
            id: id, userID: user.id, provider: provider, issuer: profile.issuer, subject: profile.subject,
            email: profile.email, emailTrust: profile.emailTrust, claims: profile.claims, linkedAt: now,
            lastUsed: now)
        try identities.insert(identity)
        try publish(
            IdentityLinked(
                userID: user.id, identityID: id, provider: provider.text, isNewAccount: isNewAccount))
        try audit(
            .done("identity.linked", by: "user:\(user.id)", on: "identity:\(id)", personal: client.personal))
        return identity
    }

    /// The identity that a provider vouches for, and its account, locked; nil if it is nobody's.
    func owner(
        of profile: ExternalProfile, at provider: ProviderName
    ) throws -> (account: Account, identity: Identity)? {
        func find() throws -> Identity? {
            try identities.find(provider, issuer: profile.issuer, subject: profile.subject)
        }
        guard let found = try find(), let account = try users.lock(found.userID),
            // Read again under the lock: it may have been removed meanwhile.
            let identity = try find(), identity.userID == account.user.id
        else { return nil }
        return (account, identity)
    }

    /// Identities that were linked before the address was proved may be somebody else's.
    func removeIdentities(of userID: UserID, by actor: AuditActor) throws {
        for identity in try identities.all(of: userID) {
            try identities.delete(identity.id)
            try audit(
                .done("identity.unlinked", by: actor.text, on: "identity:\(identity.id)", personal: actor.personal))
        }
    }
}
