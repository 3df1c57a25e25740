import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import ChangeFeeds
import Shared
import Synchronization
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("Administrators' work on accounts, over the real adapters")
struct UserAdministrationModuleTests {
    @Test("a password that an administrator gave is kept in normal form C, and common ones are refused")
    func passwords() async throws {
        try await withAccountsHouse { house in
            let (ana, module) = (try await Person(house), try await house.module())
            func create(_ email: String, _ password: String) async throws -> CreateUserOutcome {
                try await ana.useCases.manageUsers(RuleOfCoverDouble()).create(
                    CreateUserCommand(
                        id: TimeOrderedIdentifierSource().next(), email: try #require(EmailAddress(email)),
                        password: Secret(password), isVerified: true,
                        actor: ana.actor))
            }
            #expect(try await create("budi@example.com", "password") == .weakPassword(.common))
            #expect(try await create("budi@example.com", "e\u{0301}") == .weakPassword(.tooShort))
            guard case .created(let record) = try await create("budi@example.com", "cafe\u{0301} cafe\u{0301}") else {
                Issue.record("not created")
                return
            }
            #expect(try await module.userAdministration.find(record.id) == record)
            let command = Person.signIn(record.standing.address, "caf\u{00E9} caf\u{00E9}")
            #expect(try await ana.useCases.signIn(command).signedIn != nil)
        }
    }

    @Test("who calls is told without giving the thread up, once the token is known")
    func hotPath() async throws {
        try await withAccountsHouse { house in
            let ana = try await Person(house)
            try await ana.adapters.feed.read()
            let facade: any AccountsFacade = ana.useCases.facade
            let token = ana.signedIn.accessToken.text.reveal()
            #expect(try await facade.caller(accessToken: token) == ana.caller)
            let found = Mutex<SessionCaller?>(nil)
            let task = Task.immediate {
                let caller = try await facade.caller(accessToken: token)
                found.withLock { $0 = caller }
            }
            #expect(found.withLock { $0 } == ana.caller)
            try await task.value
        }
    }
}
