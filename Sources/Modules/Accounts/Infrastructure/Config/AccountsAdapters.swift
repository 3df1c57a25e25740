import AccountsApplication
import AccountsDomain
import ChangeFeeds
import Composition
import Crypto
import Shared
import Transactions

/// The output adapters of Accounts, wired.
struct AccountsAdapters: Sendable {
    let work: any AccountsWork
    let hasher: Argon2PasswordHasher
    let signer: HMACValidationTokenSigner
    let links: PageLinks
    let oneTimePasswords: SealedOneTimePasswords
    let recoveryCodes: KeyedRecoveryCodes
    let keys: SigningKeys
    let tokens: SessionTokenIssuer
    let devices: DeviceCookies
    let registrations: RegistrationCookies
    let flowProtection = DerivedFlowProtection()
    let flowCookies: FlowCookies
    let pendingIdentities: PendingIdentityCookie
    let revocations: RevocationList
    let feed: ChangeFeed<Revocation>
    let providers: IdentityProviders
    /// In development, while no provider is set.
    let sandbox: IdentitySandbox?

    /// - Throws: `SigningKeyUnreadable` if the stored keys belong to another master key; failures of the database.
    init(_ settings: AccountsSettings, _ dependencies: AccountsDependencies) async throws {
        let (clock, logger) = (dependencies.clock, dependencies.logger)
        let masterKey = dependencies.masterKey
        let feed = ChangeFeed(
            "revocations", database: dependencies.database, source: SQLRevocations(), interval: .milliseconds(500),
            clock: clock, signals: dependencies.resources.signals, logger: logger)
        self.feed = feed
        let revocations = RevocationList(feed, clock: clock)
        self.revocations = revocations
        work = dependencies.resources.unitOfWork(of: "accounts") {
            SQLAccountsContext(sql: $0, revocationFeed: feed)
        }
        hasher = Argon2PasswordHasher(
            hashing: dependencies.passwordHashing, placeSecret: masterKey.derive("accounts/password_place"))
        signer = HMACValidationTokenSigner(
            secret: settings.validationSecret.bytes ?? masterKey.derive("accounts/validation_token"),
            older: masterKey.deriveOlder("accounts/validation_token"))
        links = PageLinks(appURL: settings.appURL, pagesURL: settings.pagesURL)
        oneTimePasswords = SealedOneTimePasswords(
            masterKey: masterKey, random: dependencies.random, appName: dependencies.process.appName)
        recoveryCodes = KeyedRecoveryCodes(
            secret: masterKey.derive("accounts/recovery_code"), older: masterKey.deriveOlder("accounts/recovery_code"),
            random: dependencies.random)
        keys = try await SigningKeys(
            store: SQLSigningKeyStore(database: dependencies.database, masterKey: masterKey),
            revocations: revocations,
            schedule: KeySchedule(
                algorithm: settings.algorithm, maxAge: settings.signingKeyMaxAge,
                tokenLifetime: settings.accessTokenLifetime),
            imported: settings.signingKey, clock: clock, logger: logger)
        tokens = SessionTokenIssuer(
            keys: keys,
            refreshTokens: RefreshTokenFormat(
                secret: settings.refreshSecret.bytes ?? masterKey.derive("accounts/refresh_token"),
                older: masterKey.deriveOlder("accounts/refresh_token")),
            challengeTokens: ChallengeTokenFormat(
                secret: masterKey.derive("accounts/mfa_challenge"),
                older: masterKey.deriveOlder("accounts/mfa_challenge")),
            settings: settings, identifiers: dependencies.identifiers, random: dependencies.random)
        devices = DeviceCookies(
            secret: masterKey.derive("accounts/device_cookie"), isSecure: settings.usesSecureCookies)
        registrations = RegistrationCookies(
            secret: masterKey.derive("accounts/registration_cookie"), isSecure: settings.usesSecureCookies)
        let process = dependencies.process
        sandbox = IdentitySandbox.Address(of: process).map { address in
            IdentitySandbox(address, clock: clock, random: dependencies.random)
        }
        let configured = settings.providers.isEmpty ? sandbox?.address.settings : nil
        providers = (configured ?? settings.providers).providers(
            ProviderEnvironment(
                http: dependencies.http, clock: clock, random: dependencies.random, logger: logger))
        func seal(_ purpose: String) throws -> CookieSeal {
            try CookieSeal(secret: masterKey.derive(purpose), older: masterKey.deriveOlder(purpose))
        }
        flowCookies = FlowCookies(seal: try seal("accounts/flow_cookie"), isSecure: settings.usesSecureCookies)
        pendingIdentities = PendingIdentityCookie(
            seal: try seal("accounts/identity_cookie"), isSecure: settings.usesSecureCookies)
    }
}

extension Secret<String>? {
    /// A secret that was given as text, as the bytes that key it.
    fileprivate var bytes: Secret<[UInt8]>? { map { Secret<[UInt8]>(Array($0.reveal().utf8)) } }
}
