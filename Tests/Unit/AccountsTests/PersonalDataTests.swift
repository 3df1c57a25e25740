import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("A person's data")
struct PersonalDataTests {
    private let scene = AccountsScene()

    private func erase(
        _ caller: SessionCaller, _ proof: ConfirmationProof = .password(Secret(AccountsScene.password))
    ) async throws -> EraseAccountOutcome {
        try await scene.personalData.erase(
            EraseAccountCommand(caller: caller, proof: proof, client: AccountsScene.client))
    }

    @Test("editing changes what is named, clears what is cleared and keeps the rest")
    func edits() async throws {
        let user = try scene.add { $0.username = "ana" }
        scene.work.arrange {
            $0.accounts[user.id]?.profile = Profile(firstName: "Ana", lastName: "Lima", image: "https://i.example/a")
        }
        let caller = SessionCaller(userID: user.id, sessionID: scene.identifiers.next())
        scene.clock.advance(by: .seconds(60))
        let changed = try await scene.editProfile(
            caller, ProfileChanges(firstName: .set("Anna"), image: .clear, locale: "id"))
        let account = try #require(scene.work.store.accounts[user.id])
        #expect(changed == account)
        #expect(account.profile == Profile(firstName: "Anna", lastName: "Lima", image: nil))
        #expect(account.user.username == "ana")
        #expect(account.user.locale == "id")
        #expect(account.user.updatedAt == scene.clock.now)
        #expect(account.user.passwordHash == user.passwordHash)
        #expect(scene.work.store.events(of: UserUpdated.self).map(\.userID) == [user.id])
    }

    @Test("an account that is gone cannot be edited or exported")
    func gone() async throws {
        let caller = SessionCaller(userID: scene.identifiers.next(), sessionID: scene.identifiers.next())
        #expect(try await scene.editProfile(caller, ProfileChanges()) == nil)
        #expect(try await scene.personalData.export(caller) == nil)
        #expect(scene.work.store.events.isEmpty)
    }

    @Test("the export has the account, every session that is kept and the log's lines about the person")
    func exports() async throws {
        let user = try scene.add()
        try scene.add("other@example.com")
        let (mine, ended) = (try await scene.signedIn(), try await scene.signedIn())
        _ = try await scene.signIn("other@example.com")
        try await scene.end(ended)
        let export = try #require(try await scene.personalData.export(mine.caller))
        #expect(export.exportedAt == scene.clock.now)
        #expect(export.account.user == user)
        #expect(Set(export.sessions.map(\.id)) == [mine.session.id, ended.session.id])
        #expect(export.auditTrail.map(\.action) == ["session.revoked", "session.opened", "session.opened"])
        #expect(export.auditTrail.allSatisfy { $0.personal == AccountsScene.client.personal })
    }

    @Test("erasing deletes everything of the person and keeps that it happened")
    func erases() async throws {
        let user = try scene.add()
        try scene.add("other@example.com")
        let mine = try await scene.signedIn()
        _ = try await scene.signIn("other@example.com")
        _ = try await scene.mailedLink()
        #expect(try await erase(mine.caller) == .erased)
        let store = scene.work.store
        #expect(store.accounts[user.id] == nil)
        #expect(store.sessions.values.allSatisfy { $0.userID != user.id })
        #expect(store.signInCodes.isEmpty && store.validations.isEmpty)
        #expect(store.revokedSubjects == [.session(mine.session.id), .user(user.id)])
        #expect(store.events(of: UserDeleted.self).map(\.userID) == [user.id])
        #expect(store.auditLines.last == "done user.erased")
        #expect(try await scene.authenticate(accessToken: mine.accessToken.text.reveal()) == nil)
    }

    @Test("after an erasure no line of the log knows from where the person came; other people's lines do")
    func erasesLog() async throws {
        try scene.add()
        try scene.add("other@example.com")
        _ = try await scene.signIn("other@example.com")
        let stolen = try await scene.signedIn()
        // A session that the system ended, because a spent token came back.
        var token = stolen.refreshToken.text
        for _ in 1...2 {
            token = try #require(try await scene.rotate(token, client: AccountsScene.client).signedIn).refreshToken.text
            scene.clock.advance(by: .seconds(900))
        }
        _ = try await scene.rotate(stolen.refreshToken.text, client: AccountsScene.client)
        let mine = try await scene.signedIn()
        #expect(try await erase(mine.caller) == .erased)
        let told = scene.work.store.audit.filter { !$0.personal.isEmpty }
        #expect(told.map(\.action) == ["session.opened"])
        #expect(told.first?.subject != "session:\(stolen.session.id)")
    }

    @Test("a wrong password erases nothing and leaves a line in the log")
    func wrongPassword() async throws {
        let user = try scene.add()
        let mine = try await scene.signedIn()
        #expect(try await erase(mine.caller, .password(Secret("wrong horse"))) == .refused(.wrong))
        #expect(scene.work.store.accounts[user.id] != nil)
        #expect(scene.work.store.auditLines.last == "refused user.erase invalid_credentials")
    }

    @Test("somebody without a password erases by a fresh code, which works once and takes five guesses")
    func byCode() async throws {
        let user = try scene.add(password: nil)
        let caller = SessionCaller(userID: user.id, sessionID: scene.arrangeSession(of: user).id)
        #expect(try await erase(caller, .password(Secret("anything"))) == .refused(.wrong))
        let first = try await scene.mailedCode()
        for _ in 1...5 {
            scene.clock.advance(by: .seconds(16))
            #expect(try await erase(caller, .code(Secret(scene.wrongDigits(first)))) == .refused(.wrong))
        }
        scene.clock.advance(by: .seconds(16))
        #expect(try await erase(caller, .code(Secret(scene.signer.digits(of: first)))) == .refused(.wrong))
        scene.clock.advance(by: .seconds(60))
        let second = try await scene.mailedCode()
        #expect(try await erase(caller, .code(Secret(scene.signer.digits(of: second)))) == .erased)
        #expect(scene.work.store.accounts.isEmpty)
    }

    @Test("the last administrator stays; one of two may go")
    func administrators() async throws {
        try scene.add { $0.role = .admin }
        let mine = try await scene.signedIn()
        #expect(try await erase(mine.caller) == .lastAdministrator)
        try scene.add("root@example.com") { $0.role = .admin }
        #expect(try await erase(mine.caller) == .erased)
    }

    @Test("a password that was changed meanwhile is no proof any more")
    func changedMeanwhile() async throws {
        let scene = scene
        let user = try scene.add()
        let mine = try await scene.signedIn()
        scene.hasher.meanwhile {
            scene.work.arrange {
                $0.accounts[user.id]?.user.passwordHash = PasswordHasherDouble.hash(of: "another horse")
            }
        }
        #expect(try await erase(mine.caller) == .refused(.wrong))
        #expect(scene.work.store.accounts[user.id] != nil)
    }
}
