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
    let work = InMemoryAccountsWork()
    let hasher = PasswordHasherDouble()
    let signer = ValidationTokenSignerDouble()
    let links = AccountsLinksDouble()
    let tokens: TokenDouble

    static let sessionLifetime: Duration = .seconds(180 * 86_400)
    static let validationLifetime: Duration = .seconds(86_400)
    static let client = ClientInfo(address: NetworkAddress(ipv4: 0xC000_0201), userAgent: "Test/1")
    static let password = "correct horse"

    init() {
        identifiers = SequentialIdentifiers()
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

    var verifyEmail: VerifyEmailService { VerifyEmailService(work: work, signer: signer, clock: clock) }

    var logIn: LogInService {
        LogInService(
            work: work, hasher: hasher, tokens: tokens, clock: clock, identifiers: identifiers,
            sessionLifetime: Self.sessionLifetime)
    }

    var logOut: LogOutService { LogOutService(work: work, clock: clock) }
    var authenticate: AuthenticateService { AuthenticateService(work: work, verifier: tokens, clock: clock) }
    var facade: AccountsFacadeService {
        AccountsFacadeService(work: work, signer: signer, links: links, clock: clock)
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

    func logIn(
        _ email: String = "ana@example.com", password: String = Self.password
    ) async throws -> LogInOutcome {
        try await logIn(
            LogInCommand(
                email: try #require(EmailAddress(email)), password: Secret(password), client: Self.client))
    }

    func signedIn() async throws -> SignedIn { try #require(try await logIn().signedIn) }

    func registration(
        _ email: String = "ana@example.com", password: String = Self.password, profile: Profile = Profile()
    ) throws -> RegisterUserCommand {
        let address = try #require(EmailAddress(email))
        return RegisterUserCommand(
            email: address, password: try Password(normalized: password, for: address), username: "ana",
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

extension LogInOutcome {
    var signedIn: SignedIn? {
        if case .signedIn(let signedIn) = self { signedIn } else { nil }
    }

    var isInvalidCredentials: Bool {
        if case .invalidCredentials = self { true } else { false }
    }

    var obstacle: User.SignInObstacle? {
        if case .obstructed(let obstacle) = self { obstacle } else { nil }
    }
}
