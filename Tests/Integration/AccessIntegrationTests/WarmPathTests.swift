import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import AccountsContractDoubles
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("The way of a warm decision")
struct WarmPathTests {
    @Test(
        "it waits for nothing and touches no database, for tokens, keys and nobody",
        arguments: ["token", "key", "robot", "none"])
    func warm(_ kind: String) async throws {
        try await withAccessHouse { house in
            try house.addUser()
            let database = GuardedDatabase(house.database)
            let process = try await house.process(database)
            try await house.addService("one", process) { $0.allowAnonymous = true }
            let (_, text) = try await house.addKey([], process)
            let robot = try await house.addServiceAccountKey(process)
            let credential: AccessQuestion.Credential =
                switch kind {
                case "token": .accessToken("token-of-ana")
                case "key": .apiKey(text)
                case "robot": .apiKey(robot)
                default: .none
                }
            let question = try AccessHouse.question(credential)
            let decide = try house.useCases(process).decide
            #expect(try await decide(question).decision.isAllowed)

            database.takeAway()
            let uses = database.useCount
            let answer = CacheLevel.$current.withValue(.counters) { decide.recall(question) }
            #expect(answer?.decision.isAllowed == true)
            #expect(try await decide(question).decision.isAllowed)
            #expect(database.useCount == uses)
        }
    }

    @Test("the identity of a warm caller is signed once")
    func identity() async throws {
        try await withAccessHouse { house in
            let process = try await house.process()
            let service = try await house.addService("one", process)
            let caller = Caller(kind: .user, userID: AccessHouse.ana.value, plan: .free)
            let first = try process.identities.identity(of: caller, for: service, at: house.clock.now)
            #expect(try process.identities.identity(of: caller, for: service, at: house.clock.now) == first)
        }
    }

    @Test("a thousand decisions of a warm process at once are all decided")
    func parallel() async throws {
        try await withAccessHouse { house in
            try house.addUser()
            let process = try await house.process()
            try await house.addService("one", process)
            let decide = try house.useCases(process).decide
            let question = try AccessHouse.question()
            let allowed = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<1_000 { group.addTask { try await decide(question).decision.isAllowed } }
                var count = 0
                for try await isAllowed in group where isAllowed { count += 1 }
                return count
            }
            #expect(allowed == 1_000)
            // Of all who came before anybody knew her, one asked.
            #expect(house.accounts.standingCalls == 1)
        }
    }
}
