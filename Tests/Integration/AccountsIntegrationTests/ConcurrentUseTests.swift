import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Crypto
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

/// Each use case from many tasks at once, over SQLite.
@Suite("Use cases at once")
struct ConcurrentUseTests {
    private static let client = ClientInfo(address: .loopback, userAgent: nil)
    private static let address = EmailAddress("ana@example.com")!
    private static let count = 12

    @Test("one address is registered once, with one proof and one event")
    func register() async throws {
        try await withAccountsHouse { house in
            let outcomes = try await atOnce { _ in try await register(house) }
            #expect(outcomes.filter { $0 != .emailTaken }.count == 1)
            #expect(try await house.count("users") == 1)
            #expect(try await house.count("validation_tokens") == 1)
            #expect(try await house.published().map(\.type) == ["user.created"])
            #expect(try await house.auditedActions() == ["user.registered"])
        }
    }

    @Test("one registration that runs many times at once makes one account, which is the answer of all")
    func registerAgain() async throws {
        try await withAccountsHouse { house in
            let id: UserID = house.identifiers.next()
            let outcomes = try await atOnce { _ in try await register(house, id: id) }
            #expect(
                outcomes.allSatisfy { outcome in
                    if case .registered(let account) = outcome { account.user.id == id } else { false }
                })
            #expect(try await house.count("users") == 1)
            #expect(try await house.count("validation_tokens") == 1)
            #expect(try await house.published().map(\.type) == ["user.created"])
        }
    }

    @Test("different addresses are all registered")
    func registerMany() async throws {
        try await withAccountsHouse { house in
            let outcomes = try await atOnce {
                try await register(house, try #require(EmailAddress("u\($0)@example.com")))
            }
            #expect(outcomes.allSatisfy { $0 != .emailTaken })
            #expect(try await house.count("users") == Self.count)
            #expect(try await house.published().count == Self.count)
        }
    }

    @Test("one link verifies once, and whoever presses it at the same time hears that it is done")
    func verify() async throws {
        try await withAccountsHouse { house in
            let text = try await registeredLink(house)
            let outcomes = try await atOnce { _ in try await verifyEmail(house)(text, client: Self.client) }
            #expect(
                outcomes.allSatisfy { outcome in
                    if case .verified(let account) = outcome { account.user.isVerified } else { false }
                })
            #expect(try await house.published().map(\.type) == ["user.created", "user.verified"])
        }
    }

    @Test("verifying and declining at once: one of them counts, wholly")
    func verifyAndDecline() async throws {
        try await withAccountsHouse { house in
            let text = try await registeredLink(house)
            let accepted = try await atOnce { number in
                if number.isMultiple(of: 2) {
                    return try await verifyEmail(house)(text, client: Self.client) != .refused(.invalid)
                }
                return try await verifyEmail(house).decline(text, client: Self.client) != .refused(.invalid)
            }
            let types = try await house.published().map(\.type)
            // Everybody who verifies hears that it is done; of those who decline one does it.
            #expect(accepted.filter { $0 }.count == (types.last == "user.verified" ? Self.count / 2 : 1))
            #expect(types.count == 2)
            #expect(try await house.count("users") == (types.last == "user.verified" ? 1 : 0))
        }
    }

    @Test("one mail at most is asked for within its interval")
    func requestVerification() async throws {
        try await withAccountsHouse { house in
            _ = try await register(house)
            house.clock.advance(by: .seconds(60))
            let request = RequestVerificationService(
                work: house.work, clock: house.clock, identifiers: house.identifiers,
                validationLifetime: .seconds(86_400))
            _ = try await atOnce { _ in try await request(email: Self.address) }
            #expect(try await house.published().map(\.type) == ["user.created", "user.verification_requested"])
            #expect(try await house.count("validation_tokens") == 2)
        }
    }

    @Test("every sign-in has a session of its own, and logging out of one twice ends it once")
    func logInAndOut() async throws {
        try await withAccountsHouse { house in
            _ = try await verifyEmail(house)(try await registeredLink(house), client: Self.client)
            let signIn = try await house.useCases().signIn
            let sessions = try await atOnce { _ in
                // On devices that the owner has used: strangers at once would have to wait for each other.
                let client = ClientInfo(
                    address: .loopback, userAgent: nil, knownDevice: house.identifiers.next())
                let outcome = try await signIn(
                    SignInCommand(email: Self.address, password: Secret("correct horse"), client: client))
                guard case .signedIn(let signedIn) = outcome else { throw NotSignedIn() }
                return signedIn
            }
            #expect(Set(sessions.map(\.session.id)).count == Self.count)
            #expect(try await house.count("sessions") == Self.count)
            #expect(try await house.count("refresh_tokens") == Self.count)

            let signOut = try await house.useCases().signOut
            let token = sessions[0].refreshToken.text
            let ended = try await atOnce { _ in try await signOut([.refreshToken(token)], client: Self.client) }
            #expect(ended.allSatisfy { $0 })
            let revoked = try await house.published().filter { $0.type == "session.revoked" }
            #expect(revoked.count == 1)
        }
    }

    @Test("one administrator's link appoints one")
    func appoint() async throws {
        try await withAccountsHouse { house in
            let appoint = AppointAdministratorService(
                work: house.work, hasher: house.hasher, signer: signer,
                links: PageLinks(appURL: AccountsHouse.appURL, pagesURL: nil), clock: house.clock,
                identifiers: house.identifiers)
            let link = try await appoint.invite(email: nil)
            let token = String(try #require(link.split(separator: "=").last))
            let outcomes = try await atOnce { number in
                try await appoint.accept(
                    AcceptAdministratorCommand(
                        token: token, email: EmailAddress("root\(number)@example.com"),
                        password: try Password(normalized: "correct horse", for: nil), client: Self.client))
            }
            #expect(outcomes.filter { $0 == .refused(.invalid) }.count == Self.count - 1)
            #expect(try await house.count("users") == 1)
            #expect(try await house.count("platform_roles") == 1)
        }
    }

    private struct NotSignedIn: Error {}

    private let signer = HMACValidationTokenSigner(secret: Secret([UInt8](repeating: 7, count: 32)))

    private func verifyEmail(_ house: AccountsHouse) -> VerifyEmailService {
        VerifyEmailService(work: house.work, hasher: house.hasher, signer: signer, clock: house.clock)
    }

    private func register(
        _ house: AccountsHouse, _ email: EmailAddress = address, id: UserID? = nil
    ) async throws -> RegisterUserOutcome {
        let service = RegisterUserService(
            work: house.work, hasher: house.hasher, clock: house.clock, identifiers: house.identifiers,
            validationLifetime: .seconds(86_400))
        return try await service(
            RegisterUserCommand(
                id: id ?? house.identifiers.next(), email: email,
                password: try Password(normalized: "correct horse", for: email), client: Self.client))
    }

    /// Registers the address and gives the text of its link.
    private func registeredLink(_ house: AccountsHouse) async throws -> String {
        guard case .registered = try await register(house) else { throw NotSignedIn() }
        let latest = try await house.latestLink(.verify)
        let token = try await house.work.read { context in
            try context.validations.find(try #require(latest))
        }
        return signer.text(of: try #require(token))
    }
}
