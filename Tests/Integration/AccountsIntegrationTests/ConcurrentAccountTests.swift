import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

/// Each use case of a signed-in person from many tasks at once, over SQLite.
@Suite("Use cases of a person at once")
struct ConcurrentAccountTests {
    private static let count = 12

    @Test("200 refreshes of one token give one successor")
    func refresh() async throws {
        try await withPerson { person in
            let token = person.signedIn.refreshToken.text
            let successors = try await atOnce(200) { _ in
                try #require(try await person.useCases.rotateRefreshToken(token, client: Person.client).signedIn)
                    .refreshToken.text.reveal()
            }
            #expect(Set(successors).count == 1)
            #expect(try await person.house.count("refresh_tokens") == 2)
            let session = try await person.house.work.read { try $0.sessions.find(person.caller.sessionID) }
            #expect(session?.generation == 1)
            #expect(session?.branch == 0)
        }
    }

    @Test("refreshing and signing out at once: the session is over, and no token of it goes on")
    func refreshAndLogOut() async throws {
        try await withPerson { person in
            let first = person.signedIn.refreshToken.text
            let given = try await atOnce { number -> Secret<String>? in
                if number == 3 { try await person.signOut() }
                return try await person.useCases.rotateRefreshToken(first, client: Person.client).signedIn?
                    .refreshToken.text
            }
            for token in given.compactMap({ $0 }) + [first] {
                #expect(try await person.useCases.rotateRefreshToken(token, client: Person.client).signedIn == nil)
            }
            #expect(try await person.events("session.revoked") == 1)
        }
    }

    @Test("a session is ended once, and signing out everywhere ends each once")
    func revoke() async throws {
        try await withPerson { person in
            let other = try await person.signIn()
            let ended = try await atOnce { _ in
                try await person.useCases.manageSessions.revoke(
                    other.session.id, person.caller, client: Person.client)
            }
            #expect(ended.count { $0 } == 1)
            for _ in 1...3 { _ = try await person.signIn() }
            _ = try await atOnce { _ in
                try await person.useCases.manageSessions.revokeAll(person.caller, client: Person.client)
            }
            #expect(try await person.events("session.revoked") == 5)
            // And one of the person's proof.
            #expect(try await person.house.count("revocations") == 6)
        }
    }

    @Test("a code and a link sign in once each; of many requests one is mailed")
    func mailSignIn() async throws {
        try await withPerson { person in
            _ = try await atOnce { _ in try await person.useCases.signInWithMail.request(email: person.email) }
            #expect(try await person.events("user.login_code_requested") == 1)
            let (code, link) = (try await person.code(), try await person.link(.magicLink))
            let command = SignInWithCodeCommand(email: person.email, code: code, client: Person.client)
            let byCode = try await atOnce(4) { _ in try await person.useCases.signInWithMail(command).signedIn }
            #expect(byCode.compactMap { $0 }.count == 1)
            let byLink = try await atOnce { _ in
                try await person.useCases.signInWithMail(link: link, client: Person.client).signedIn
            }
            #expect(byLink.compactMap { $0 }.count == 1)
            #expect(try await person.house.count("sessions") == 3)
        }
    }

    @Test("one link sets one password; of many requests one is mailed")
    func reset() async throws {
        try await withPerson { person in
            _ = try await atOnce { _ in try await person.useCases.resetPassword.request(email: person.email) }
            #expect(try await person.events("user.password_reset_requested") == 1)
            let link = try await person.link(.reset)
            let outcomes = try await atOnce { number in
                try await person.useCases.resetPassword(
                    link, password: try Password(normalized: "horse number \(number)", for: nil),
                    client: Person.client)
            }
            #expect(outcomes.count { $0 == .refused(.invalid) } == Self.count - 1)
            #expect(try await person.events("password.changed") == 1)
            #expect(try await person.events("session.revoked") == 1)
        }
    }

    @Test("of many who change one password, one does")
    func changePassword() async throws {
        try await withPerson { person in
            let outcomes = try await atOnce { number in
                try await person.useCases.manageAccount.changePassword(
                    ChangePasswordCommand(
                        caller: person.caller, current: Secret(Person.password),
                        new: try Password(normalized: "horse number \(number)", for: nil), client: Person.client))
            }
            #expect(outcomes.count { if case .changed = $0 { true } else { false } } == 1)
            // Five at once are compared; all of them with the password of then.
            #expect(outcomes.count { if case .refused = $0 { true } else { false } } == Self.count - 1)
            #expect(try await person.events("password.changed") == 1)
        }
    }

    @Test("two people who confirm the same address at once: one gets it")
    func sameAddress() async throws {
        try await withPerson { ana in
            let budi = try await Person(ana.house, "budi@example.com")
            let wanted = try #require(EmailAddress("wanted@example.com"))
            var links: [String] = []
            for person in [ana, budi] {
                let command = ChangeEmailCommand(
                    caller: person.caller, email: wanted, password: Secret(Person.password), client: Person.client)
                _ = try await atOnce { _ in try await person.useCases.manageAccount.changeEmail(command) }
                links.append(try await person.link(.emailChange))
                ana.house.clock.advance(by: .seconds(1))
            }
            #expect(try await ana.events("user.email_change_requested") == 2)
            let confirmations = links
            let outcomes = try await atOnce { number in
                try await ana.useCases.manageAccount.confirmEmailChange(
                    confirmations[number % 2], caller: nil, client: Person.client)
            }
            #expect(outcomes.count { if case .changed = $0 { true } else { false } } == 1)
            #expect(outcomes.count { if case .taken = $0 { true } else { false } } == Self.count / 2)
            #expect(outcomes.count { if case .refused(.invalid) = $0 { true } else { false } } == Self.count / 2 - 1)
        }
    }

    @Test("edits of different things at once are all kept")
    func edit() async throws {
        try await withPerson { person in
            let changes: [ProfileChanges] = [
                ProfileChanges(username: .set("ana")), ProfileChanges(firstName: .set("Ana")),
                ProfileChanges(lastName: .set("Lima")), ProfileChanges(locale: "id"),
            ]
            _ = try await atOnce { number in
                try await person.useCases.editProfile(person.caller, changes[number % changes.count])
            }
            let account = try #require(try await person.useCases.readAccount(person.userID))
            #expect(account.profile == Profile(firstName: "Ana", lastName: "Lima"))
            #expect(account.user.username == "ana")
            #expect(account.user.locale == "id")
        }
    }

    @Test("an account is deactivated once")
    func deactivate() async throws {
        try await withPerson { person in
            _ = try await atOnce { _ in
                try await person.useCases.manageAccount.deactivate(
                    DeactivateAccountCommand(
                        caller: person.caller, proof: .password(Secret(Person.password)), client: Person.client))
            }
            #expect(try await person.events("user.deactivated") == 1)
            #expect(try await person.events("session.revoked") == 1)
        }
    }

    @Test("an account is erased once, and exports see all of it or nothing")
    func erase() async throws {
        try await withPerson { person in
            let command = EraseAccountCommand(
                caller: person.caller, proof: .password(Secret(Person.password)), client: Person.client)
            let isErased = try await atOnce { number in
                guard number.isMultiple(of: 2) else {
                    let export = try await person.useCases.personalData.export(person.caller)
                    #expect(export == nil || export?.sessions.isEmpty == false)
                    return false
                }
                return try await person.useCases.personalData.erase(command) == .erased
            }
            #expect(isErased.count { $0 } == 1)
            #expect(try await person.events("user.deleted") == 1)
            for table in ["users", "profiles", "sessions", "refresh_tokens", "validation_tokens"] {
                #expect(try await person.house.count(table) == 0, "\(table)")
            }
        }
    }

    @Test("two last administrators who go at once: one stays")
    func lastAdministrator() async throws {
        try await withPerson { ana in
            let people = [ana, try await Person(ana.house, "budi@example.com")]
            try await ana.house.work.write { context in
                for person in people {
                    var user = person.signedIn.account.user
                    user.role = .admin
                    try context.users.update(user)
                }
            }
            let outcomes = try await atOnce(2) { number in
                try await people[number].useCases.personalData.erase(
                    EraseAccountCommand(
                        caller: people[number].caller, proof: .password(Secret(Person.password)),
                        client: Person.client))
            }
            #expect(outcomes.count { $0 == .erased } == 1)
            #expect(outcomes.count { $0 == .lastAdministrator } == 1)
        }
    }

    @Test("signing in and refreshing while one is blocked: no session lives, and no token counts")
    func block() async throws {
        try await withPerson { person in
            let first = person.signedIn.refreshToken.text
            let given = try await atOnce(9) { number -> SignedIn? in
                if number == 4 {
                    _ = try await person.useCases.manageUsers(RuleOfCoverDouble()).block(
                        BlockUserCommand(id: person.userID, reason: "spam", actor: person.actor))
                }
                return number.isMultiple(of: 2)
                    ? try await person.useCases.signIn(Person.signIn(person.email)).signedIn
                    : try await person.useCases.rotateRefreshToken(first, client: Person.client).signedIn
            }
            for signedIn in given.compactMap({ $0 }) {
                let token = signedIn.accessToken.text.reveal()
                #expect(try await person.useCases.facade.caller(accessToken: token) == nil)
                let refreshed = try await person.useCases.rotateRefreshToken(
                    signedIn.refreshToken.text, client: Person.client)
                #expect(refreshed.signedIn == nil)
            }
            let left = try await person.useCases.manageUsers(RuleOfCoverDouble()).sessions(
                of: person.userID, PageRequest())
            #expect(left?.items == [])
            #expect(try await person.events("user.blocked") == 1)
        }
    }

    @Test("two administrators who delete each other at once: one stays")
    func administratorsDeleteEachOther() async throws {
        try await withPerson { ana in
            let people = [ana, try await Person(ana.house, "budi@example.com")]
            for person in people {
                _ = try await ana.useCases.userAdministration.setAdministrator(
                    true, of: person.userID, by: ana.actor)
            }
            let outcomes = try await atOnce(2) { number in
                try await people[number].useCases.manageUsers(RuleOfCoverDouble()).delete(
                    people[1 - number].userID, by: people[number].actor)
            }
            #expect(outcomes.count { $0 == .ended } == 1)
            #expect(outcomes.count { $0 == .lastAdministrator } == 1)
            #expect(try await ana.house.count("users") == 1)
        }
    }

    @Test("what has expired is cleaned up once, however many processes do it")
    func cleanUp() async throws {
        try await withPerson { person in
            _ = try await person.useCases.register(
                RegisterUserCommand(
                    id: person.house.identifiers.next(), email: try #require(EmailAddress("never@example.com")),
                    password: try Password(normalized: "correct horse", for: nil), client: Person.client))
            person.house.clock.advance(by: .seconds(8 * 86_400))
            let removed = try await atOnce { _ in try await person.useCases.cleanUp() }
            // And the row that told of the person's own proof.
            #expect(removed.reduce(0, +) == 2)
            #expect(try await person.events("user.deleted") == 1)
            #expect(try await person.house.count("users") == 1)
        }
    }
}
