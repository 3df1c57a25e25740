import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

/// Somebody with a proved account who is signed in, in a process of his own.
struct Person: Sendable {
    let house: AccountsHouse
    let adapters: AccountsAdapters
    let useCases: AccountsUseCases
    let signedIn: SignedIn

    static let client = ClientInfo(address: NetworkAddress(ipv4: 0xC000_0201), userAgent: "Test/1")
    static let password = "correct horse"

    var email: EmailAddress { signedIn.account.user.email }
    var userID: UserID { signedIn.account.user.id }
    var caller: SessionCaller { SessionCaller(userID: userID, sessionID: signedIn.session.id) }

    /// As an administrator of his own account.
    var actor: Principal {
        Principal(.session(signedIn.session.id.value), of: userID.value, permissions: .all, client: Self.client)
    }

    init(_ house: AccountsHouse, _ address: String = "ana@example.com") async throws {
        self.house = house
        adapters = try await house.adapters()
        useCases = AccountsUseCases(adapters.ports, try AccountsHouse.settings(), try house.dependencies())
        let email = try #require(EmailAddress(address))
        _ = try await useCases.register(
            RegisterUserCommand(
                id: house.identifiers.next(), email: email,
                password: try Password(normalized: Self.password, for: email), client: Self.client))
        let link = try #require(try await house.latestLink(.verify))
        let token = try #require(try await house.work.read { try $0.validations.find(link) })
        _ = try await useCases.verifyEmail(adapters.signer.text(of: token), client: Self.client)
        signedIn = try #require(try await useCases.signIn(Self.signIn(email)).signedIn)
    }

    static func signIn(_ email: EmailAddress, _ password: String = Self.password) -> SignInCommand {
        SignInCommand(email: email, password: Secret(password), client: client)
    }

    /// One more device.
    func signIn() async throws -> SignedIn { try #require(try await useCases.signIn(Self.signIn(email)).signedIn) }

    /// On the device that signed in first.
    func signOut() async throws {
        #expect(try await useCases.signOut([.accessToken(signedIn.accessToken.text)], client: Self.client))
    }

    /// The text of the newest link of a purpose.
    func link(_ purpose: ValidationToken.Purpose) async throws -> String {
        let id = try #require(try await house.latestLink(purpose))
        return adapters.signer.text(of: try #require(try await house.work.read { try $0.validations.find(id) }))
    }

    /// The digits of the newest code.
    func code() async throws -> Secret<String> {
        let (userID, now) = (userID, house.clock.now)
        let code = try await house.work.read { try $0.signInCodes.latest(of: userID, at: now) }
        return Secret(adapters.signer.digits(of: try #require(code)))
    }
}

extension SignInOutcome {
    var signedIn: SignedIn? {
        if case .signedIn(let signedIn) = self { signedIn } else { nil }
    }
}

extension SignInWithLinkOutcome {
    var signedIn: SignedIn? {
        if case .signedIn(let signedIn) = self { signedIn } else { nil }
    }
}

extension RotateRefreshTokenOutcome {
    var signedIn: SignedIn? {
        if case .refreshed(let signedIn) = self { signedIn } else { nil }
    }
}
