import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

/// Guesses from many tasks at once, over SQLite: as many are compared as the policy says.
@Suite("Guesses at once")
struct ConcurrentGuessTests {
    @Test("wrong codes at once are five guesses, however many come")
    func guesses() async throws {
        try await withPerson { person in
            try await person.useCases.signInWithMail.request(email: person.email)
            let right = try await person.code()
            let wrong = Secret(right.reveal() == "123456" ? "654321" : "123456")
            let command = SignInWithCodeCommand(email: person.email, code: wrong, client: Person.client)
            _ = try await atOnce { _ in try await person.useCases.signInWithMail(command) }
            let (userID, now) = (person.userID, person.house.clock.now)
            let attempts = try await person.house.work.read {
                try $0.signInCodes.attempts(
                    of: userID, by: .stranger, since: Timestamp(milliseconds: 0), at: now)
            }
            #expect(attempts == 5)
        }
    }

    @Test("of 60 passwords at once on three processes as many are compared as of 60 in turn; the lock is told once")
    func failures() async throws {
        try await withPerson { person in
            let processes = [
                person.useCases, try await person.house.useCases(), try await person.house.useCases(),
            ]
            let (known, email) = (person.house.identifiers.next(), person.email)
            func guess(_ count: Int) async throws -> Int {
                let outcomes = try await atOnce(count) { number in
                    // The owner, in the midst of it, on a known device.
                    let isOwner = number == count / 2
                    let client =
                        isOwner ? ClientInfo(address: .loopback, userAgent: nil, knownDevice: known) : Person.client
                    return try await processes[number % 3].signIn(
                        SignInCommand(
                            email: email, password: Secret(isOwner ? Person.password : "wrong horse"), client: client))
                }
                #expect(outcomes.count { $0.signedIn != nil } == 1)
                return outcomes.count { if case .refused(.invalidCredentials) = $0 { true } else { false } }
            }
            #expect(try await guess(60) == 5)
            #expect(try await person.events("user.login_failed") == 1)
            for _ in 6...10 {
                person.house.clock.advance(by: .seconds(30))
                #expect(try await guess(15) == 1)
            }
            let failures = try await person.house.work.read {
                try $0.signInFailures.find("account:ana@example.com")
            }
            #expect(failures?.count == 10 && failures?.pending == 0)
            #expect(try await person.events("user.login_failed") == 1)
            #expect(try await person.events("account.locked") == 1)
            person.house.clock.advance(by: .seconds(30))
            #expect(try await guess(15) == 0)
        }
    }

    @Test("of 60 addresses tried at once from one network as many are compared as the network has left")
    func network() async throws {
        try await withAccountsHouse { house in
            let client = Person.client
            let processes = [try await house.useCases(), try await house.useCases()]
            let network = "network:\(client.address.limitPrefix)"
            let now = house.clock.now
            try await house.work.write {
                try $0.signInFailures.save(
                    SignInFailures(key: network, windowStart: now, count: 90, lastFailure: now))
            }
            let outcomes = try await atOnce(60) { number in
                try await processes[number % 2].signIn(
                    SignInCommand(
                        email: try #require(EmailAddress("u\(number)@example.com")), password: Secret("wrong horse"),
                        client: client))
            }
            #expect(outcomes.count { if case .refused(.invalidCredentials) = $0 { true } else { false } } == 10)
            let failures = try await house.work.read { try $0.signInFailures.find(network) }
            #expect(failures?.count == 100 && failures?.lockedUntil != nil)
        }
    }

    @Test("of 60 confirmations at once on two processes five are compared")
    func confirmations() async throws {
        try await withPerson { person in
            let processes = [person.useCases, try await person.house.useCases()]
            let outcomes = try await atOnce(60) { number in
                let useCases = processes[number % 2]
                return switch number % 3 {
                case 0:
                    try await useCases.manageAccount.changePassword(
                        ChangePasswordCommand(
                            caller: person.caller, current: Secret("wrong horse"),
                            new: try Password(normalized: "another horse", for: nil), client: Person.client)
                    ).refusal == .confirmation(.wrong)
                case 1:
                    try await useCases.manageAccount.changeEmail(
                        ChangeEmailCommand(
                            caller: person.caller, email: try #require(EmailAddress("new@example.com")),
                            password: Secret("wrong horse"), client: Person.client)) == .refused(.wrong)
                default:
                    try await useCases.personalData.erase(
                        EraseAccountCommand(
                            caller: person.caller, proof: .password(Secret("wrong horse")), client: Person.client))
                        == .refused(.wrong)
                }
            }
            #expect(outcomes.count { $0 } == 5)
            #expect(try await person.events("session.revoked") == 0)
        }
    }
}
