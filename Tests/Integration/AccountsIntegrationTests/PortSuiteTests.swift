import AccountsApplication
import AccountsDoubles
import AccountsPortSuites
import Crypto
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("The ports of Accounts, over each adapter")
struct PortSuiteTests {
    @Test("SQL behaves as every store of Accounts", arguments: AccountsWorkBehaviour.all)
    func sqlWork(_ behaviour: AccountsWorkBehaviour) async throws {
        try await withAccountsHouse { house in
            try await behaviour.check(
                AccountsWorkSubject(
                    work: house.work, publishedTypes: { try await house.published().map(\.type) },
                    auditedActions: house.auditedActions))
        }
    }

    @Test("the double behaves as every store of Accounts", arguments: AccountsWorkBehaviour.all)
    func inMemoryWork(_ behaviour: AccountsWorkBehaviour) async throws {
        let work = InMemoryAccountsWork()
        try await behaviour.check(
            AccountsWorkSubject(
                work: work, publishedTypes: { work.store.eventTypes },
                auditedActions: { work.store.audit.map(\.action) }))
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
        let scene = Links.token
        #expect(!signers[1].isGenuine(signers[0].text(of: scene), for: scene))
    }

    @Test(
        "JOSE behaves as every issuer of tokens, by every algorithm", arguments: TokenBehaviour.all,
        ["ES256", "EdDSA", "RS256", "HS256"])
    func jose(_ behaviour: TokenBehaviour, _ algorithm: String) async throws {
        try await withAccountsHouse { house in
            try await behaviour.check(try await house.adapters(["ALGORITHM": algorithm]).tokens)
        }
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
