import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

/// The services of Accounts over doubles, with a clock that the test moves.
struct AccountsScene: Sendable {
    let clock = ManualClock()
    let identifiers: SequentialIdentifiers
    let work: InMemoryAccountsWork
    let hasher = PasswordHasherDouble()
    let signer = ValidationTokenSignerDouble()
    let links = AccountsLinksDouble()
    let recoveryCodes = RecoveryCodesDouble()
    let tokens: TokenDouble
    let revocations: RevocationViewDouble
    let changes = UserChangesDouble()

    static let sessionLifetime: Duration = .seconds(180 * 86_400)
    static let validationLifetime: Duration = .seconds(86_400)
    static let linkLifetime: Duration = .seconds(3_600)
    static let reuseWindow: Duration = .seconds(30)
    static let stepUpMaxAge: Duration = .seconds(600)
    static let tokenLifetime: Duration = .seconds(930)
    static let client = ClientInfo(address: NetworkAddress(ipv4: 0xC000_0201), userAgent: "Test/1")
    static let password = "correct horse"

    init() {
        identifiers = SequentialIdentifiers()
        work = InMemoryAccountsWork(clock: clock)
        revocations = RevocationViewDouble(work)
        tokens = TokenDouble(identifiers: identifiers)
    }

    var register: RegisterUserService {
        RegisterUserService(
            work: work, hasher: hasher, clock: clock, identifiers: identifiers,
            validationLifetime: Self.validationLifetime)
    }

    var requestVerification: RequestVerificationService {
        RequestVerificationService(
            work: work, clock: clock, identifiers: identifiers, validationLifetime: Self.validationLifetime)
    }

    var verifyEmail: VerifyEmailService {
        VerifyEmailService(work: work, hasher: hasher, signer: signer, clock: clock)
    }

    var reactivate: ReactivateAccountService {
        ReactivateAccountService(
            work: work, signer: signer, clock: clock, identifiers: identifiers, linkLifetime: Self.linkLifetime)
    }

    var opener: SessionOpener {
        SessionOpener(tokens: tokens, identifiers: identifiers, sessionLifetime: Self.sessionLifetime)
    }

    var signIn: SignInService {
        SignInService(work: work, hasher: hasher, opener: opener, signInGuard: SignInGuard(), clock: clock)
    }

    var signInWithMail: SignInWithMailService {
        SignInWithMailService(
            work: work, signer: signer, opener: opener, signInGuard: SignInGuard(), clock: clock,
            identifiers: identifiers, linkLifetime: Self.linkLifetime)
    }

    var rotate: RotateRefreshTokenService {
        RotateRefreshTokenService(work: work, tokens: tokens, clock: clock, reuseWindow: Self.reuseWindow)
    }

    var resetPassword: ResetPasswordService {
        ResetPasswordService(
            work: work, hasher: hasher, signer: signer, clock: clock, identifiers: identifiers,
            linkLifetime: Self.linkLifetime)
    }

    var manageAccount: ManageAccountService {
        ManageAccountService(
            work: work, hasher: hasher, opener: opener, signer: signer, clock: clock, identifiers: identifiers,
            linkLifetime: Self.linkLifetime)
    }

    var personalData: PersonalDataService {
        PersonalDataService(work: work, hasher: hasher, signer: signer, clock: clock)
    }

    var manageSessions: ManageSessionsService {
        ManageSessionsService(work: work, clock: clock, tokenLifetime: Self.tokenLifetime)
    }
    var editProfile: EditProfileService { EditProfileService(work: work, clock: clock) }
    var cleanUp: CleanUpService { CleanUpService(work: work, clock: clock) }
    var signOut: SignOutService { SignOutService(work: work, tokens: tokens, verifier: tokens, clock: clock) }

    var authenticate: AuthenticateService { authenticate(by: tokens) }

    func authenticate(
        by verifier: any AccessTokenVerifier, cutOff: RevocationCutOff = .refuse
    ) -> AuthenticateService {
        AuthenticateService(work: work, verifier: verifier, revocations: revocations, cutOff: cutOff, clock: clock)
    }

    var facade: AccountsFacadeService {
        AccountsFacadeService(
            work: work, signer: signer, links: links, authenticate: authenticate, changes: changes, stepUp: stepUp,
            administration: administrationPolicy(isRequired: true), clock: clock)
    }

    var stepUp: StepUp { StepUp(work: work, maxAge: Self.stepUpMaxAge, clock: clock) }

    var stepUpSession: StepUpSessionService {
        StepUpSessionService(
            work: work, hasher: hasher, signer: signer, oneTimePasswords: OneTimePasswordsDouble(),
            recoveryCodes: recoveryCodes, tokens: tokens, stepUp: stepUp, clock: clock)
    }

    func administrationPolicy(isRequired: Bool) -> AdministrationPolicy {
        AdministrationPolicy(work: work, isRequired: isRequired, maxAge: Self.stepUpMaxAge, clock: clock)
    }

    var administration: UserAdministrationService { UserAdministrationService(work: work, clock: clock) }

    var manageUsers: ManageUsersService { manageUsers(RuleOfCoverDouble()) }

    func manageUsers(_ cover: any RuleOfCover) -> ManageUsersService {
        ManageUsersService(
            work: work, hasher: hasher, passwords: PasswordPolicyDouble(), cover: cover, clock: clock,
            identifiers: identifiers, validationLifetime: Self.validationLifetime, linkLifetime: Self.linkLifetime,
            tokenLifetime: Self.tokenLifetime)
    }

    var appoint: AppointAdministratorService {
        AppointAdministratorService(
            work: work, hasher: hasher, signer: signer, links: links, clock: clock, identifiers: identifiers)
    }
}

extension AccountsScene {
    /// Stores an account as it is after its address was proved.
    @discardableResult
    func add(
        _ email: String = "ana@example.com", password: String? = Self.password, isVerified: Bool = true,
        _ change: (inout User) -> Void = { _ in }
    ) throws -> User {
        var user = User(
            id: identifiers.next(), email: try #require(EmailAddress(email)), username: nil,
            passwordHash: password.map(PasswordHasherDouble.hash), isVerified: isVerified, registeredFrom: nil,
            createdAt: clock.now, updatedAt: clock.now)
        change(&user)
        let account = Account(user: user, profile: Profile())
        work.arrange { $0.accounts[account.user.id] = account }
        return user
    }

    /// Stores a link for the user, made now, and gives its text.
    func addLink(
        for user: User?, purpose: ValidationToken.Purpose = .verify, address: EmailAddress? = nil
    ) -> (token: ValidationToken, text: String) {
        let token = ValidationToken(
            id: identifiers.next(), userID: user?.id, purpose: purpose, address: address ?? user?.email,
            createdAt: clock.now, expiresAt: clock.now + Self.validationLifetime)
        work.arrange { $0.validations[token.id] = token }
        return (token, signer.text(of: token))
    }

    func signIn(
        _ email: String = "ana@example.com", password: String = Self.password
    ) async throws -> SignInOutcome {
        try await signIn(
            SignInCommand(
                email: try #require(EmailAddress(email)), password: Secret(password), client: Self.client))
    }

    func signedIn() async throws -> SignedIn { try #require(try await signIn().signedIn) }

    /// Signs out, as the device itself does.
    func end(_ signedIn: SignedIn) async throws {
        #expect(try await signOut([.accessToken(signedIn.accessToken.text)], client: Self.client))
    }

    func registration(
        _ email: String = "ana@example.com", password: String = Self.password, profile: Profile = Profile(),
        id: UserID? = nil
    ) throws -> RegisterUserCommand {
        let address = try #require(EmailAddress(email))
        return RegisterUserCommand(
            id: id ?? identifiers.next(), email: address, password: try Password(normalized: password, for: address),
            username: "ana",
            profile: profile, client: Self.client)
    }

    func acceptance(
        _ link: String, email: String? = nil, password: String = Self.password
    ) throws -> AcceptAdministratorCommand {
        AcceptAdministratorCommand(
            token: try token(in: link), email: email.flatMap { EmailAddress($0) },
            password: try Password(normalized: password, for: nil), client: Self.client)
    }

    /// The token of a link as `AccountsLinksDouble` makes it.
    func token(in link: String) throws -> String {
        String(try #require(link.split(separator: "=", maxSplits: 1).last))
    }
}

extension SignInOutcome {
    var signedIn: SignedIn? {
        if case .signedIn(let signedIn) = self { signedIn } else { nil }
    }

    var refusal: SignInRefusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }

    var isInvalidCredentials: Bool { refusal == .invalidCredentials }

    var obstacle: User.SignInObstacle? {
        if case .obstructed(let obstacle) = refusal { obstacle } else { nil }
    }

    var delay: Duration? {
        if case .tooManyAttempts(let delay) = refusal { delay } else { nil }
    }
}
