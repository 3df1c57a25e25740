import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import Testing

@testable import AccountsInfrastructure

/// Somebody with a proved account.
struct Person: Sendable {
    let fixture: AccountsFixture
    let useCases: AccountsUseCases
    let email: EmailAddress

    static let client = ClientInfo(address: NetworkAddress(ipv4: 0xC000_0201), userAgent: "Test/1")
    static let password = "correct horse"

    init(_ fixture: AccountsFixture, _ address: String = "ana@example.com") async throws {
        self.fixture = fixture
        useCases = try fixture.useCases()
        email = try #require(EmailAddress(address))
        _ = try await useCases.register(
            RegisterUserCommand(
                id: fixture.identifiers.next(), email: email,
                password: try Password(normalized: Self.password, for: email), client: Self.client))
        _ = try await useCases.verifyEmail(try link(.verify), client: Self.client)
    }

    /// Opens a session.
    func signIn() async throws -> SignedIn {
        let outcome = try await useCases.signIn(
            SignInCommand(email: email, password: Secret(Self.password), client: Self.client))
        guard case .signedIn(let signedIn) = outcome else { throw InternalFailure("\(email) did not get in") }
        return signedIn
    }

    /// The text of the newest link of a purpose.
    func link(_ purpose: ValidationToken.Purpose) throws -> String {
        fixture.ports.signer.text(of: try #require(fixture.latestLink(purpose)))
    }
}
