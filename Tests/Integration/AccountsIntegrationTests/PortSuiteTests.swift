import AccountsPortSuites
import SQL
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
                    auditedActions: house.auditedActions, isViolation: { $0 is ConstraintViolation }))
        }
    }

    @Test(
        "JOSE behaves as every issuer of tokens, by every algorithm", arguments: TokenBehaviour.all,
        ["ES256", "EdDSA", "RS256", "HS256"])
    func jose(_ behaviour: TokenBehaviour, _ algorithm: String) async throws {
        try await withAccountsHouse { house in
            try await behaviour.check(try await house.adapters(["ALGORITHM": algorithm]).tokens)
        }
    }
}
