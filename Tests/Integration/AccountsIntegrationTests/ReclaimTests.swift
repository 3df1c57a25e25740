import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import SQL
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

/// Somebody knows the password and has begun all that one can begin with it; then the owner, or staff, acts.
@Suite("Taking an account back")
struct ReclaimTests {
    enum Act: CaseIterable, Sendable {
        case changesThePassword, resetsThePassword, signsOutEverywhere, isSignedOutByStaff, isBlocked, deactivates
        case isDeactivatedByStaff, isAppointedByLink, isAppointedByStaff, provesTheAddressForTheFirstTime
    }

    /// What somebody has begun on an account.
    private struct Takeover {
        let session: SignedIn
        let newAddress: String
        let reset: String
        let magicLink: String
        let code: Secret<String>
        let device: DeviceOwner

        init(_ person: Person) async throws {
            session = try await person.signIn()
            let caller = SessionCaller(userID: person.userID, sessionID: session.session.id)
            let outcome = try await person.useCases.manageAccount.changeEmail(
                ChangeEmailCommand(
                    caller: caller, email: try #require(EmailAddress("thief@evil.example")),
                    password: Secret(Person.password), client: Person.client))
            #expect(outcome == .mailed)
            newAddress = try await person.link(.emailChange)
            try await person.useCases.resetPassword.request(email: person.email)
            reset = try await person.link(.reset)
            try await person.useCases.signInWithMail.request(email: person.email)
            magicLink = try await person.link(.magicLink)
            code = try await person.code()
            device = try #require(try await person.useCases.deviceOwner(email: person.email))
        }
    }

    @Test("whatever was begun before is worth nothing after", arguments: Act.allCases)
    func nothingGoesOn(_ act: Act) async throws {
        try await withAccountsHouse { house in
            let person = try await Person(house)
            let takeover = try await Takeover(person)
            try await perform(act, person, takeover)
            try await expectNothingGoesOn(takeover, person)
            let owner = try #require(try await person.useCases.deviceOwner(email: person.email))
            #expect(owner.epoch > takeover.device.epoch, "the known devices are forgotten")
        }
    }

    @Test("a session that staff ends takes along what is under way, and leaves the others and the known devices")
    func oneSession() async throws {
        try await withAccountsHouse { house in
            let person = try await Person(house)
            let takeover = try await Takeover(person)
            let staff = person.useCases.manageUsers(RuleOfCoverDouble())
            #expect(
                try await staff.endSession(takeover.session.session.id, of: person.userID, by: person.actor) == .ended)
            try await expectNothingGoesOn(takeover, person)
            try await expectOwnerGoesOn(takeover, person)
        }
    }

    @Test("a spent refresh token ends its session and what is under way, and leaves the others and the known devices")
    func alarm() async throws {
        try await withAccountsHouse { house in
            let person = try await Person(house)
            let takeover = try await Takeover(person)
            let rotate = person.useCases.rotateRefreshToken
            var token = takeover.session.refreshToken.text
            for _ in 1...2 {
                token = try #require(try await rotate(token, client: Person.client).signedIn).refreshToken.text
                house.clock.advance(by: .seconds(31))
            }
            guard case .reused = try await rotate(takeover.session.refreshToken.text, client: Person.client) else {
                Issue.record("the alarm was not given")
                return
            }
            try await expectNothingGoesOn(takeover, person)
            try await expectOwnerGoesOn(takeover, person)
        }
    }

    @Test("changing the address keeps the known devices")
    func devicesStay() async throws {
        try await withAccountsHouse { house in
            let person = try await Person(house)
            let takeover = try await Takeover(person)
            let manage = person.useCases.manageAccount
            _ = try await manage.confirmEmailChange(takeover.newAddress, caller: nil, client: Person.client)
            let moved = try #require(EmailAddress("thief@evil.example"))
            let owner = try #require(try await person.useCases.deviceOwner(email: moved))
            #expect(owner.userID == takeover.device.userID && owner.epoch == takeover.device.epoch)
        }
    }

    private func perform(_ act: Act, _ person: Person, _ takeover: Takeover) async throws {
        let (useCases, staff) = (person.useCases, person.useCases.manageUsers(RuleOfCoverDouble()))
        let new = try Password(normalized: "another horse", for: nil)
        switch act {
        case .changesThePassword:
            _ = try await useCases.manageAccount.changePassword(
                ChangePasswordCommand(
                    caller: person.caller, current: Secret(Person.password), new: new, client: Person.client))
        case .resetsThePassword:
            // The owner's own link, which is newer.
            person.house.clock.advance(by: .seconds(60))
            try await useCases.resetPassword.request(email: person.email)
            _ = try await useCases.resetPassword(try await person.link(.reset), password: new, client: Person.client)
        case .signsOutEverywhere:
            try await useCases.manageSessions.revokeAll(person.caller, client: Person.client)
        case .isSignedOutByStaff:
            #expect(try await staff.endSessions(of: person.userID, by: person.actor) == .ended)
        case .isBlocked:
            _ = try await staff.block(
                BlockUserCommand(id: person.userID, reason: "stolen", until: nil, actor: person.actor))
            _ = try await staff.unblock(person.userID, by: person.actor)
        case .deactivates:
            _ = try await useCases.manageAccount.deactivate(
                DeactivateAccountCommand(
                    caller: person.caller, proof: .password(Secret(Person.password)), client: Person.client))
            try await reactivate(person)
        case .isDeactivatedByStaff:
            _ = try await staff.update(UpdateUserCommand(id: person.userID, isActive: false, actor: person.actor))
            try await reactivate(person)
        case .isAppointedByLink:
            let link = try await useCases.administrators.invite(email: person.email)
            let token = String(try #require(link.split(separator: "=").last))
            _ = try await useCases.administrators.accept(
                AcceptAdministratorCommand(token: token, email: nil, password: new, client: Person.client))
        case .isAppointedByStaff:
            _ = try await useCases.userAdministration.setAdministrator(true, of: person.userID, by: person.actor)
        case .provesTheAddressForTheFirstTime:
            let userID = person.userID
            try await person.house.database.write { transaction in
                _ = try transaction.execute("UPDATE users SET is_verified = \(false) WHERE id = \(userID)")
            }
            person.house.clock.advance(by: .seconds(60))
            try await useCases.signInWithMail.request(email: person.email)
            #expect(
                try await useCases.signInWithMail(link: try await person.link(.magicLink), client: Person.client)
                    .signedIn != nil)
        }
    }

    /// So that the account is there to be taken over.
    private func reactivate(_ person: Person) async throws {
        _ = try await person.useCases.manageUsers(RuleOfCoverDouble()).update(
            UpdateUserCommand(id: person.userID, isActive: true, actor: person.actor))
    }

    private func expectNothingGoesOn(_ takeover: Takeover, _ person: Person) async throws {
        let (useCases, client) = (person.useCases, Person.client)
        let confirmation = try await useCases.manageAccount.confirmEmailChange(
            takeover.newAddress, caller: nil, client: client)
        if case .refused(.invalid) = confirmation {} else { Issue.record("the change of address: \(confirmation)") }
        let new = try Password(normalized: "the thief's horse", for: nil)
        let reset = try await useCases.resetPassword(takeover.reset, password: new, client: client)
        #expect(reset == .refused(.invalid))
        let link = try await useCases.signInWithMail(link: takeover.magicLink, client: client)
        if case .refused(.invalid) = link {} else { Issue.record("the magic link: \(link)") }
        let code = try await useCases.signInWithMail(
            SignInWithCodeCommand(email: person.email, code: takeover.code, client: client))
        #expect(code.signedIn == nil)
        let refreshed = try await useCases.rotateRefreshToken(takeover.session.refreshToken.text, client: client)
        #expect(refreshed.signedIn == nil)
        let token = takeover.session.accessToken.text.reveal()
        #expect(try await useCases.authenticate(accessToken: token) == nil)
        #expect(try await useCases.readAccount(person.userID)?.user.email == person.email)
    }

    private func expectOwnerGoesOn(_ takeover: Takeover, _ person: Person) async throws {
        let token = person.signedIn.refreshToken.text
        #expect(try await person.useCases.rotateRefreshToken(token, client: Person.client).signedIn != nil)
        #expect(try await person.useCases.deviceOwner(email: person.email) == takeover.device)
    }
}
