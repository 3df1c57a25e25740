import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import AccountsPortSuites
import Crypto
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("The ports of Accounts, over each double and each adapter that needs no database")
struct PortSuiteTests {
    @Test("the double behaves as every store of Accounts", arguments: AccountsWorkBehaviour.all)
    func inMemoryWork(_ behaviour: AccountsWorkBehaviour) async throws {
        let work = InMemoryAccountsWork()
        try await behaviour.check(
            AccountsWorkSubject(
                work: work, publishedTypes: { work.store.eventTypes },
                auditedActions: { work.store.audit.map(\.action) }, isViolation: { $0 is InternalFailure }))
    }

    @Test("Argon2 behaves as every password hasher", arguments: PasswordHasherBehaviour.all)
    func argon2(_ behaviour: PasswordHasherBehaviour) async throws {
        let cost = try #require(Argon2Cost(memory: .kibibytes(8), iterations: 1))
        let hashing = try PasswordHashing(cost: cost, concurrency: 2, queueLimit: 100)
        try await behaviour.check(Argon2PasswordHasher(hashing: hashing, placeSecret: Secret([1])))
    }

    @Test("the double behaves as every password hasher", arguments: PasswordHasherBehaviour.all)
    func hasherDouble(_ behaviour: PasswordHasherBehaviour) async throws {
        try await behaviour.check(PasswordHasherDouble())
    }

    @Test("HMAC behaves as every signer of links", arguments: ValidationTokenSignerBehaviour.all)
    func hmac(_ behaviour: ValidationTokenSignerBehaviour) throws {
        try behaviour.check(HMACValidationTokenSigner(secret: Secret([UInt8](repeating: 7, count: 32))))
    }

    @Test("the double behaves as every signer of links", arguments: ValidationTokenSignerBehaviour.all)
    func signerDouble(_ behaviour: ValidationTokenSignerBehaviour) throws {
        try behaviour.check(ValidationTokenSignerDouble())
    }

    @Test("links of one key are not genuine for another")
    func otherKey() throws {
        let signers = [1, 2].map { HMACValidationTokenSigner(secret: Secret([UInt8](repeating: $0, count: 32))) }
        let token = ValidationToken(
            id: ValidationID(SequentialIdentifiers.identifier(1)), userID: nil, purpose: .administrator, address: nil,
            createdAt: Timestamp(seconds: 1_790_000_000), expiresAt: Timestamp(seconds: 1_790_003_600))
        #expect(!signers[1].isGenuine(signers[0].text(of: token), for: token))
    }

    @Test("the double behaves as every issuer of tokens", arguments: TokenBehaviour.all)
    func tokenDouble(_ behaviour: TokenBehaviour) async throws {
        try await behaviour.check(TokenDouble(identifiers: SequentialIdentifiers()))
    }

    @Test("links to our own pages behave as every link", arguments: AccountsLinksBehaviour.all)
    func ownPages(_ behaviour: AccountsLinksBehaviour) throws {
        try behaviour.check(PageLinks(appURL: "https://id.example.com", pagesURL: nil))
    }

    @Test("links to the operator's front end behave as every link", arguments: AccountsLinksBehaviour.all)
    func operatorsPages(_ behaviour: AccountsLinksBehaviour) throws {
        let links = PageLinks(appURL: "https://id.example.com", pagesURL: "https://app.example.com/account")
        try behaviour.check(links)
        #expect(links.verification(token: "t") == "https://app.example.com/account/verify?token=t")
        #expect(links.administrator(token: "t") == "https://id.example.com/administrator/accept?token=t")
    }

    @Test("the double behaves as every link", arguments: AccountsLinksBehaviour.all)
    func linksDouble(_ behaviour: AccountsLinksBehaviour) throws {
        try behaviour.check(AccountsLinksDouble())
    }
}
