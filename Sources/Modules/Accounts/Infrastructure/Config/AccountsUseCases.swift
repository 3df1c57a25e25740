import AccountsApplication
import Composition
import Shared

/// What needs a relying party.
struct PasskeyUseCases: Sendable {
    let add: AddPasskeyService
    let signIn: SignInWithPasskeyService
}

/// The use cases of Accounts, wired.
struct AccountsUseCases: Sendable {
    let register: RegisterUserService
    /// For the page, which never tells that an address is taken.
    let registerPrivately: RegisterUserService
    let requestVerification: RequestVerificationService
    let verifyEmail: VerifyEmailService
    let deviceOwner: FindDeviceOwnerService
    let signIn: SignInService
    let signInWithMail: SignInWithMailService
    let rotateRefreshToken: RotateRefreshTokenService
    let signOut: SignOutService
    let manageSessions: ManageSessionsService
    let authenticate: AuthenticateService
    let readAccount: ReadAccountService
    let editProfile: EditProfileService
    let secondStep: SecondStepService
    let factors: ManageFactorsService
    let resetFactors: @Sendable (_ cover: any RuleOfCover) -> ResetFactorsService
    let followFactorResets: FollowFactorResetsService
    let stepUp: StepUp
    let stepUpSession: StepUpSessionService
    let manageAccount: ManageAccountService
    let resetPassword: ResetPasswordService
    let recentLinkUse: RecentLinkUse
    let reactivate: ReactivateAccountService
    let personalData: PersonalDataService
    /// Nil where there can be no passkeys.
    let passkeys: PasskeyUseCases?
    let managePasskeys: ManagePasskeysService
    let startFlow: StartProviderFlowService
    let finishFlow: FinishProviderFlowService
    let oncePerFlow: OncePerFlow
    let exchangeAppCode: ExchangeAppCodeService
    let manageIdentities: ManageIdentitiesService
    let proveAddress: ProveAddressService
    let administrators: AppointAdministratorService
    let cleanUp: CleanUpService
    let userImport: UserImport
    let userAdministration: UserAdministrationService
    /// The rule comes with the gate, which is made after this module is open.
    let manageUsers: @Sendable (_ cover: any RuleOfCover) -> ManageUsersService
    let facade: AccountsFacadeService

    init(_ ports: AccountsPorts, _ settings: AccountsSettings, _ dependencies: AccountsDependencies) {
        let (clock, identifiers) = (dependencies.clock, dependencies.identifiers)
        let (work, hasher, signer) = (ports.work, ports.hasher, ports.signer)
        let (tokens, links) = (ports.tokens, ports.links)
        let opener = SessionOpener(
            tokens: tokens, identifiers: identifiers, sessionLifetime: settings.sessionLifetime)
        let signInGuard = SignInGuard()
        register = RegisterUserService(
            work: work, hasher: hasher, clock: clock, identifiers: identifiers,
            validationLifetime: settings.validationLifetime, isPrivate: settings.registersPrivately)
        registerPrivately = RegisterUserService(
            work: work, hasher: hasher, clock: clock, identifiers: identifiers,
            validationLifetime: settings.validationLifetime, isPrivate: true)
        requestVerification = RequestVerificationService(
            work: work, clock: clock, identifiers: identifiers, validationLifetime: settings.validationLifetime)
        verifyEmail = VerifyEmailService(work: work, hasher: hasher, signer: signer, clock: clock)
        deviceOwner = FindDeviceOwnerService(work: work)
        signIn = SignInService(work: work, hasher: hasher, opener: opener, signInGuard: signInGuard, clock: clock)
        signInWithMail = SignInWithMailService(
            work: work, signer: signer, opener: opener, signInGuard: signInGuard, clock: clock,
            identifiers: identifiers,
            linkLifetime: settings.resetLifetime)
        rotateRefreshToken = RotateRefreshTokenService(
            work: work, tokens: tokens, clock: clock, reuseWindow: settings.refreshReuseWindow)
        signOut = SignOutService(work: work, tokens: tokens, verifier: tokens, clock: clock)
        // A rotation that is asked for again gives another access token, a window after it at the latest.
        let tokenLifetime = settings.accessTokenLifetime + settings.refreshReuseWindow
        manageSessions = ManageSessionsService(work: work, clock: clock, tokenLifetime: tokenLifetime)
        authenticate = AuthenticateService(
            work: work, verifier: tokens, revocations: ports.revocations, cutOff: settings.revocationCutOff,
            clock: clock)
        readAccount = ReadAccountService(work: work)
        editProfile = EditProfileService(work: work, clock: clock)
        manageAccount = ManageAccountService(
            work: work, hasher: hasher, opener: opener, signer: signer, clock: clock, identifiers: identifiers,
            linkLifetime: settings.resetLifetime)
        stepUp = StepUp(work: work, maxAge: settings.stepUpMaxAge, clock: clock)
        let (oneTimePasswords, recoveryCodes) = (ports.oneTimePasswords, ports.recoveryCodes)
        stepUpSession = StepUpSessionService(
            work: work, hasher: hasher, signer: signer, oneTimePasswords: oneTimePasswords,
            recoveryCodes: recoveryCodes, tokens: tokens, stepUp: stepUp, clock: clock)
        secondStep = SecondStepService(
            work: work, oneTimePasswords: oneTimePasswords, recoveryCodes: recoveryCodes, tokens: tokens,
            opener: opener, clock: clock)
        factors = ManageFactorsService(
            work: work, oneTimePasswords: oneTimePasswords, recoveryCodes: recoveryCodes, clock: clock,
            identifiers: identifiers)
        resetPassword = ResetPasswordService(
            work: work, hasher: hasher, signer: signer, clock: clock, identifiers: identifiers,
            linkLifetime: settings.resetLifetime)
        recentLinkUse = RecentLinkUse(work: work, signer: signer, clock: clock)
        reactivate = ReactivateAccountService(
            work: work, signer: signer, clock: clock, identifiers: identifiers, linkLifetime: settings.resetLifetime)
        personalData = PersonalDataService(work: work, hasher: hasher, signer: signer, clock: clock)
        passkeys = ports.passkeys.map { verifier in
            PasskeyUseCases(
                add: AddPasskeyService(work: work, verifier: verifier, clock: clock, random: dependencies.random),
                signIn: SignInWithPasskeyService(
                    work: work, verifier: verifier, opener: opener, clock: clock, random: dependencies.random))
        }
        managePasskeys = ManagePasskeysService(work: work, clock: clock)
        let protection = ports.flowProtection
        let requests = FlowRequests(
            providers: ports.providers, protection: protection, appURL: settings.appURL)
        let resolve = ResolveIdentity(
            identifiers: identifiers, validationLifetime: settings.validationLifetime,
            isRegistrationOpen: settings.isRegistrationOpen)
        startFlow = StartProviderFlowService(requests: requests, clock: clock, random: dependencies.random)
        finishFlow = FinishProviderFlowService(
            work: work, requests: requests, protection: protection, resolve: resolve, opener: opener,
            tokens: tokens, stepUp: stepUp, clock: clock, identifiers: identifiers, random: dependencies.random)
        oncePerFlow = OncePerFlow(
            work: work, protection: protection, clock: clock, owner: identifiers.next().description)
        exchangeAppCode = ExchangeAppCodeService(work: work, protection: protection, opener: opener, clock: clock)
        manageIdentities = ManageIdentitiesService(work: work, clock: clock)
        proveAddress = ProveAddressService(
            work: work, mail: signInWithMail, signer: signer, protection: protection, opener: opener,
            signInGuard: signInGuard, clock: clock, identifiers: identifiers, random: dependencies.random,
            isRegistrationOpen: settings.isRegistrationOpen)
        administrators = AppointAdministratorService(
            work: work, hasher: hasher, signer: signer, links: links, clock: clock, identifiers: identifiers)
        cleanUp = CleanUpService(work: work, clock: clock)
        userImport = UserImport(
            importUsers: ImportUsersService(work: work, clock: clock, identifiers: identifiers), clock: clock)
        userAdministration = UserAdministrationService(work: work, clock: clock)
        manageUsers = { cover in
            ManageUsersService(
                work: work, hasher: hasher, passwords: ShippedPasswordPolicy(), cover: cover, clock: clock,
                identifiers: identifiers, validationLifetime: settings.validationLifetime,
                linkLifetime: settings.resetLifetime, tokenLifetime: tokenLifetime)
        }
        resetFactors = { cover in
            ResetFactorsService(
                work: work, cover: cover, delay: settings.mfaResetDelay, stepUpMaxAge: settings.stepUpMaxAge,
                clock: clock, identifiers: identifiers)
        }
        followFactorResets = FollowFactorResetsService(
            work: work, signer: signer, clock: clock, identifiers: identifiers)
        facade = AccountsFacadeService(
            work: work, signer: signer, links: links, authenticate: authenticate, changes: ports.changes,
            stepUp: stepUp,
            administration: AdministrationPolicy(
                work: work, isRequired: settings.requiresAdministratorMFA, maxAge: settings.stepUpMaxAge, clock: clock),
            clock: clock)
    }
}
