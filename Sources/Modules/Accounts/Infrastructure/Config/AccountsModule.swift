import AccountsApplication
import AccountsContract
import Audit
import Cache
import Crypto
import HTTP
import Lifecycle
import Messaging
import SQL
import Shared
import Templates

/// What Accounts needs from the process around it.
package struct AccountsDependencies: Sendable {
    package let database: any Database
    package let masterKey: MasterKey
    package let passwordHashing: PasswordHashing
    package let rateLimits: any RateLimitStore
    package let outbox: Outbox
    package let auditLog: AuditLog
    /// Signalled after commits that published something.
    package let published: Wakeup
    package let pages: TemplateCatalog
    package let origins: OriginPolicy
    package let clock: any WallClock
    package let identifiers: any IdentifierSource
    package let random: any RandomSource
    package let logger: Logger

    package init(
        database: any Database, masterKey: MasterKey, passwordHashing: PasswordHashing,
        rateLimits: any RateLimitStore, outbox: Outbox, auditLog: AuditLog, published: Wakeup,
        pages: TemplateCatalog, origins: OriginPolicy, clock: any WallClock, identifiers: any IdentifierSource,
        random: any RandomSource, logger: Logger
    ) {
        self.database = database
        self.masterKey = masterKey
        self.passwordHashing = passwordHashing
        self.rateLimits = rateLimits
        self.outbox = outbox
        self.auditLog = auditLog
        self.published = published
        self.pages = pages
        self.origins = origins
        self.clock = clock
        self.identifiers = identifiers
        self.random = random
        self.logger = logger
    }
}

/// Accounts, wired: constructors in order.
package struct AccountsModule: Sendable {
    package let routes: [Route]
    package let facade: any AccountsFacade
    package let administrators: any AppointAdministrator
    package let keys: any RotateSigningKeys
    package let services: [any Service]
    /// Whether this process hears of revocations in time; it is not ready otherwise.
    package let isCurrent: @Sendable () -> Bool

    /// - Throws: `SigningKeyUnreadable` if the stored keys belong to another master key; failures of the database.
    package init(_ settings: AccountsSettings, _ dependencies: AccountsDependencies) async throws {
        let clock = dependencies.clock
        let identifiers = dependencies.identifiers
        let pages = dependencies.pages
        let revocations = RevocationList()
        let work = SQLAccountsWork(
            database: dependencies.database, outbox: dependencies.outbox, auditLog: dependencies.auditLog,
            published: dependencies.published, revocations: revocations)
        let hasher = Argon2PasswordHasher(hashing: dependencies.passwordHashing)
        let masterKey = dependencies.masterKey
        let signer = HMACValidationTokenSigner(
            secret: settings.validationSecret.bytes ?? masterKey.derive("accounts/validation_token"))
        let keys = try await SigningKeys(
            store: SQLSigningKeyStore(database: dependencies.database, masterKey: masterKey),
            revocations: revocations,
            schedule: KeySchedule(
                algorithm: settings.algorithm, maxAge: settings.signingKeyMaxAge,
                tokenLifetime: settings.accessTokenLifetime),
            imported: settings.signingKey, clock: clock, logger: dependencies.logger)
        let feed = RevocationFeed(
            database: dependencies.database, list: revocations, keys: keys, clock: clock, logger: dependencies.logger)
        try await feed.read()
        let cleanUp = CleanUpService(work: work, clock: clock)
        services = [
            feed.service, keys.service,
            PollingService("clean-up", interval: .seconds(600), logger: dependencies.logger) { try await cleanUp() },
        ]
        self.keys = keys
        isCurrent = { revocations.isCurrent(at: clock.now) }
        let tokens = SessionTokenIssuer(
            keys: keys,
            refreshTokens: RefreshTokenFormat(
                secret: settings.refreshSecret.bytes ?? masterKey.derive("accounts/refresh_token")),
            settings: settings, identifiers: identifiers, random: dependencies.random)
        let links = PageLinks(appURL: settings.appURL, pagesURL: settings.pagesURL)
        let administrators = AppointAdministratorService(
            work: work, hasher: hasher, signer: signer, links: links, clock: clock, identifiers: identifiers)
        let authenticator = Authenticator(
            authenticate: AuthenticateService(
                work: work, verifier: tokens, revocations: revocations, cutOff: settings.revocationCutOff, clock: clock),
            origins: dependencies.origins)
        let devices = DeviceCookies(
            secret: masterKey.derive("accounts/device_cookie"), identifiers: identifiers,
            isSecure: settings.usesSecureCookies)
        let limit = SignInLimit(
            store: dependencies.rateLimits, perAccount: settings.signInLimit,
            perPrefix: settings.signInLimitPerAddress, devices: devices)
        let opener = SessionOpener(
            tokens: tokens, identifiers: identifiers, sessionLifetime: settings.sessionLifetime)
        let guardian = SignInGuard()
        let manageAccount = ManageAccountService(
            work: work, hasher: hasher, signer: signer, clock: clock, identifiers: identifiers,
            linkLifetime: settings.resetLifetime)
        facade = AccountsFacadeService(work: work, signer: signer, links: links, clock: clock)
        self.administrators = administrators
        let registration = RegistrationRoutes(
            register: RegisterUserService(
                work: work, hasher: hasher, clock: clock, identifiers: identifiers,
                validationLifetime: settings.validationLifetime),
            requestVerification: RequestVerificationService(
                work: work, clock: clock, identifiers: identifiers, validationLifetime: settings.validationLifetime),
            limit: limit)
        let verification = VerificationRoutes(
            verify: VerifyEmailService(work: work, signer: signer, clock: clock), pages: pages)
        let manageSessions = ManageSessionsService(work: work, clock: clock)
        let delivery = TokenDelivery(
            cookies: SessionCookies(
                isSecure: settings.usesSecureCookies, domain: settings.cookieDomain,
                refreshTokenLifetime: settings.refreshTokenLifetime), devices: devices)
        let sessions = SessionRoutes(
            logIn: LogInService(
                work: work, hasher: hasher, opener: opener, guardian: guardian, clock: clock),
            logOut: LogOutService(work: work, clock: clock), sessions: manageSessions, authenticator: authenticator,
            limit: limit, delivery: delivery)
        let refresh = RefreshRoutes(
            rotate: RotateRefreshTokenService(
                work: work, tokens: tokens, clock: clock, reuseWindow: settings.refreshReuseWindow),
            tokens: tokens, origins: dependencies.origins, delivery: delivery, limits: dependencies.rateLimits,
            limit: settings.signInLimit == nil ? nil : RefreshRoutes.limitPerSession)
        let deviceRoutes = DeviceRoutes(sessions: manageSessions, authenticator: authenticator)
        let mailSignIn = MailSignInRoutes(
            logIn: LogInWithMailService(
                work: work, signer: signer, opener: opener, guardian: guardian, clock: clock,
                identifiers: identifiers, linkLifetime: settings.resetLifetime),
            limit: limit, delivery: delivery, pages: pages)
        let passwords = PasswordRoutes(
            reset: ResetPasswordService(
                work: work, hasher: hasher, signer: signer, clock: clock, identifiers: identifiers,
                linkLifetime: settings.resetLifetime),
            manage: manageAccount, authenticator: authenticator, limit: limit, pages: pages)
        let emailChange = EmailChangeRoutes(
            manage: manageAccount, authenticator: authenticator, limit: limit, pages: pages)
        let profile = ProfileRoutes(
            readAccount: ReadAccountService(work: work), edit: EditProfileService(work: work, clock: clock), manage: manageAccount, authenticator: authenticator,
            delivery: delivery)
        let personalData = PersonalDataRoutes(
            personalData: PersonalDataService(work: work, hasher: hasher, signer: signer, clock: clock),
            authenticator: authenticator, limit: limit, delivery: delivery)
        let administration = AdministratorRoutes(
            appoint: administrators, limit: limit, pages: pages)
        routes =
            registration.routes + verification.routes + sessions.routes + refresh.routes + deviceRoutes.routes
            + mailSignIn.routes + passwords.routes + emailChange.routes + personalData.routes
            + profile.routes
            + KeyRoutes(keys: keys).routes + administration.routes
    }
}

extension Secret<String>? {
    /// A secret that was given as text, as the bytes that key it.
    fileprivate var bytes: Secret<[UInt8]>? { map { Secret<[UInt8]>(Array($0.reveal().utf8)) } }
}
