import AccountsApplication

/// What the use cases and the routes of Accounts need, whatever it is made of.
struct AccountsPorts: Sendable {
    let work: any AccountsWork
    let hasher: any PasswordHasher
    let signer: any ValidationTokenSigner
    let links: any AccountsLinks
    let oneTimePasswords: any OneTimePasswords
    let recoveryCodes: any RecoveryCodes
    let tokens: any TokenIssuer & AccessTokenVerifier
    let revocations: any RevocationView
    let changes: any UserChanges
    let devices: DeviceCookies
    let registrations: RegistrationCookies
    let flowProtection: any FlowProtection
    let flowCookies: FlowCookies
    let pendingIdentities: PendingIdentityCookie
    var providers = IdentityProviders()
    /// Nil in production.
    var sandbox: IdentitySandbox?
    /// The keys that verify access tokens, as JSON (RFC 7517).
    let publicKeySet: @Sendable () -> [UInt8]
}

extension AccountsAdapters {
    var ports: AccountsPorts {
        AccountsPorts(
            work: work, hasher: hasher, signer: signer, links: links, oneTimePasswords: oneTimePasswords,
            recoveryCodes: recoveryCodes, tokens: tokens, revocations: revocations,
            changes: revocations, devices: devices, registrations: registrations,
            flowProtection: flowProtection, flowCookies: flowCookies, pendingIdentities: pendingIdentities,
            providers: providers, sandbox: sandbox, publicKeySet: { [keys] in keys.publicKeySet })
    }
}
