import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import HTTP
import HTTPSupport
import JSON
import SQL
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

/// An address was changed by somebody who knew the password; its owner has the old mailbox.
@Suite("Undoing a change of address")
struct EmailUndoTests {
    private let thiefs = EmailAddress("thief@evil.example")!
    private let another = EmailAddress("another@evil.example")!

    /// Changes the address as somebody who is signed in and knows the password.
    private func change(_ person: Person, to address: EmailAddress) async throws -> SignedIn {
        let current = try #require(try await person.useCases.readAccount(person.userID)?.user.email)
        let thief = try #require(try await person.useCases.signIn(Person.signIn(current)).signedIn)
        let caller = SessionCaller(userID: person.userID, sessionID: thief.session.id)
        let manage = person.useCases.manageAccount
        _ = try await manage.changeEmail(
            ChangeEmailCommand(
                caller: caller, email: address, password: Secret(Person.password), client: Person.client))
        let outcome = try await manage.confirmEmailChange(
            try await person.link(.emailChange), caller: nil, client: Person.client)
        if case .changed = outcome {} else { Issue.record("not changed: \(outcome)") }
        return thief
    }

    private func undo(_ link: String, _ person: Person) async throws -> UndoEmailChangeOutcome {
        try await person.useCases.manageAccount.undoEmailChange(link, client: Person.client)
    }

    private func address(_ person: Person) async throws -> EmailAddress? {
        try await person.useCases.readAccount(person.userID)?.user.email
    }

    @Test("the old address gets a link that brings it back and ends everything of whoever changed it")
    func undoes() async throws {
        try await withAccountsHouse { house in
            let person = try await Person(house)
            let thief = try await change(person, to: thiefs)
            let link = try #require(try await house.latestLink(.emailUndo))
            let mail = try #require(try await person.useCases.facade.linkMail(for: link))
            #expect(mail.recipient.address == person.email)
            #expect(mail.expiresAt - mail.createdAt == .seconds(7 * 86_400))
            #expect(mail.link.hasPrefix("\(AccountsHouse.appURL)/change-email/undo?token="))

            // Whatever the thief does with the account now, the link stays good.
            let caller = SessionCaller(userID: person.userID, sessionID: thief.session.id)
            let new = try Password(normalized: "the thief's horse", for: nil)
            _ = try await person.useCases.manageAccount.changePassword(
                ChangePasswordCommand(
                    caller: caller, current: Secret(Person.password), new: new, client: Person.client))
            let thiefAgain = try #require(
                try await person.useCases.signIn(Person.signIn(thiefs, "the thief's horse")).signedIn)
            house.clock.advance(by: .seconds(6 * 86_400))
            let text = try await person.link(.emailUndo)
            guard case .undone(let account, mailsReset: true) = try await undo(text, person) else {
                Issue.record("not undone")
                return
            }
            #expect(account.user.email == person.email)
            #expect(account.user.passwordHash == nil)
            let refreshed = try await person.useCases.rotateRefreshToken(
                thiefAgain.refreshToken.text, client: Person.client)
            #expect(refreshed.signedIn == nil)
            #expect(try await person.useCases.signIn(Person.signIn(person.email, "the thief's horse")).signedIn == nil)
            #expect(try await undo(text, person) == .refused(.invalid))
            // And the owner chooses a new password by the mail that is on its way.
            let reset = try await person.useCases.resetPassword(
                try await person.link(.reset), password: try Password(normalized: Person.password, for: nil),
                client: Person.client)
            #expect(reset != .refused(.invalid))
            #expect(try await person.useCases.signIn(Person.signIn(person.email)).signedIn != nil)
        }
    }

    @Test("the link is good for seven days")
    func expires() async throws {
        try await withAccountsHouse { house in
            let person = try await Person(house)
            _ = try await change(person, to: thiefs)
            house.clock.advance(by: .seconds(7 * 86_400))
            #expect(try await undo(try await person.link(.emailUndo), person) == .refused(.expired))
            #expect(try await address(person) == thiefs)
        }
    }

    @Test("after two changes the first old address brings itself back, and the second cannot any more")
    func firstCounts() async throws {
        try await withAccountsHouse { house in
            let person = try await Person(house)
            _ = try await change(person, to: thiefs)
            let owners = try await person.link(.emailUndo)
            house.clock.advance(by: .seconds(60))
            _ = try await change(person, to: another)
            let thiefsLink = try await person.link(.emailUndo)
            // The thief may use the later link; the owner's is good all the same.
            house.clock.advance(by: .seconds(60))
            let outcome = try await undo(owners, person)
            guard case .undone = outcome else {
                Issue.record("not undone: \(outcome)")
                return
            }
            #expect(try await address(person) == person.email)
            #expect(try await undo(thiefsLink, person) == .refused(.invalid))
            #expect(try await address(person) == person.email)
        }
    }

    @Test("whoever changed the address twice cannot take the owner's link away by the later one")
    func laterLinkLeavesEarlier() async throws {
        try await withAccountsHouse { house in
            let person = try await Person(house)
            _ = try await change(person, to: thiefs)
            let owners = try await person.link(.emailUndo)
            house.clock.advance(by: .seconds(60))
            _ = try await change(person, to: another)
            guard case .undone = try await undo(try await person.link(.emailUndo), person),
                case .undone = try await undo(owners, person)
            else {
                Issue.record("not undone")
                return
            }
            #expect(try await address(person) == person.email)
        }
    }

    @Test("a claim on the old address does not stop its owner; an account that proved it does, and the link stays good")
    func squatters() async throws {
        try await withAccountsHouse { house in
            let person = try await Person(house)
            _ = try await change(person, to: thiefs)
            let link = try await person.link(.emailUndo)
            let squatter: UserID = house.identifiers.next()
            _ = try await person.useCases.register(
                RegisterUserCommand(
                    id: squatter, email: person.email,
                    password: try Password(normalized: "squatter's horse", for: nil), client: Person.client))
            try await house.database.write { transaction in
                _ = try transaction.execute("UPDATE users SET is_verified = \(true) WHERE id = \(squatter)")
            }
            #expect(try await undo(link, person) == .taken)
            try await house.database.write { transaction in
                _ = try transaction.execute("UPDATE users SET is_verified = \(false) WHERE id = \(squatter)")
            }
            guard case .undone = try await undo(link, person) else {
                Issue.record("not undone")
                return
            }
            #expect(try await person.useCases.readAccount(squatter) == nil)
        }
    }

    @Test("an appointed administrator's account cannot be brought back to an earlier address")
    func administrator() async throws {
        try await withAccountsHouse { house in
            let person = try await Person(house)
            _ = try await change(person, to: thiefs)
            let link = try await person.link(.emailUndo)
            _ = try await person.useCases.userAdministration.setAdministrator(
                true, of: person.userID, by: person.actor)
            #expect(try await undo(link, person) == .refused(.invalid))
        }
    }

    @Test("the page changes nothing before its button is pressed")
    func page() async throws {
        try await withAccountsHouse { house in
            let person = try await Person(house)
            _ = try await change(person, to: thiefs)
            let token = try await person.link(.emailUndo)
            let rest = RESTClient(try await house.routes())
            var page = Response(status: 0)
            for _ in 1...2 {
                page = await rest.get("/change-email/undo?token=\(token)", [("Accept", "text/html")])
                #expect(page.status == 200 && page.html.contains("value=\"\(token)\""))
                #expect(page.html.contains(person.email.text))
            }
            #expect(try await address(person) == thiefs)
            let done = await rest.submit("/change-email/undo", "token=\(token)", on: page)
            #expect(done.status == 303 && done["Location"] == "/done")
            let said = await rest.get("/done", [("Accept", "text/html"), ("Cookie", done.cookieHeader)])
            #expect(said.html.contains("link to choose a new password"))
            #expect(done.cookies.filter { !$0.hasPrefix("gapura_note=") }.allSatisfy { $0.contains("Max-Age=0") })
            let again = await rest.post("/change-email/undo", ["token": .string(token)])
            #expect(again.code == "invalid_token")
            #expect(try await address(person) == person.email)
        }
    }
}
