import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Appointing an administrator")
struct AppointAdministratorTests {
    private let scene = AccountsScene()

    @Test("a link for an address makes its holder a verified administrator")
    func appoints() async throws {
        let link = try await scene.appoint.invite(email: EmailAddress("root@example.com"))
        #expect(
            try await scene.appoint.preview(try scene.token(in: link))
                == .open(address: EmailAddress("root@example.com")))
        let outcome = try await scene.appoint.accept(try scene.acceptance(link))
        let store = scene.work.store
        let account = try #require(store.account("root@example.com"))
        #expect(outcome == .appointed(account))
        #expect(account.user.role == .admin)
        #expect(account.user.isVerified)
        #expect(account.user.passwordHash == PasswordHasherDouble.hash(of: AccountsScene.password))
        let created = store.events(of: UserCreated.self)
        #expect(created.map(\.userID) == [account.user.id])
        #expect(created.first?.validationID == nil)
        #expect(store.auditLines == ["done administrator.invited", "done administrator.appointed"])
    }

    @Test("the address of the link counts, not one that its holder names")
    func addressOfLink() async throws {
        let link = try await scene.appoint.invite(email: EmailAddress("root@example.com"))
        _ = try await scene.appoint.accept(try scene.acceptance(link, email: "thief@example.com"))
        #expect(scene.work.store.account("thief@example.com") == nil)
        #expect(scene.work.store.account("root@example.com")?.user.role == .admin)
    }

    @Test("a link without an address needs one from its holder, and stays good until it has one")
    func addressMissing() async throws {
        let link = try await scene.appoint.invite(email: nil)
        #expect(try await scene.appoint.accept(try scene.acceptance(link)) == .addressMissing)
        #expect(scene.hasher.calls.isEmpty)
        let outcome = try await scene.appoint.accept(try scene.acceptance(link, email: "root@example.com"))
        #expect(outcome == .appointed(try #require(scene.work.store.account("root@example.com"))))
    }

    @Test("a known account keeps its profile and loses its password and its sessions")
    func knownAccount() async throws {
        let user = try scene.add("root@example.com", password: "old password", isVerified: false) {
            $0.isActive = false
        }
        scene.work.arrange { $0.accounts[user.id]?.profile.firstName = "Ana" }
        let sessions = [makeSession(of: user), makeSession(of: user)]
        let link = try await scene.appoint.invite(email: user.email)
        _ = try await scene.appoint.accept(try scene.acceptance(link))
        let store = scene.work.store
        let account = try #require(store.accounts[user.id])
        #expect(store.accounts.count == 1)
        #expect(account.user.passwordHash == PasswordHasherDouble.hash(of: AccountsScene.password))
        #expect(account.user.role == .admin && account.user.isActive && account.user.isVerified)
        #expect(account.profile.firstName == "Ana")
        #expect(store.sessions.values.allSatisfy { $0.revocationReason == .administratorReset })
        let revoked = store.events(of: SessionRevoked.self)
        #expect(Set(revoked.map(\.sessionID)) == Set(sessions.map(\.id)))
        #expect(revoked.allSatisfy { $0.reason == "administrator_reset" })
        #expect(store.events(of: UserCreated.self).isEmpty)
    }

    @Test("a link works once")
    func worksOnce() async throws {
        let link = try await scene.appoint.invite(email: nil)
        _ = try await scene.appoint.accept(try scene.acceptance(link, email: "root@example.com"))
        let second = try await scene.appoint.accept(try scene.acceptance(link, email: "other@example.com"))
        #expect(second == .refused(.invalid))
        #expect(try await scene.appoint.preview(try scene.token(in: link)) == .refused(.invalid))
        #expect(scene.work.store.account("other@example.com") == nil)
    }

    @Test("of two who accept at once, one becomes the administrator")
    func twoAtOnce() async throws {
        let scene = scene
        let link = try await scene.appoint.invite(email: nil)
        let faster = try scene.acceptance(link, email: "fast@example.com")
        scene.hasher.meanwhile { _ = try await scene.appoint.accept(faster) }
        let slower = try await scene.appoint.accept(try scene.acceptance(link, email: "slow@example.com"))
        #expect(slower == .refused(.invalid))
        #expect(scene.work.store.accounts.values.map(\.user.email.key) == ["fast@example.com"])
    }

    @Test("a link lives one hour, also while the password is hashed")
    func expires() async throws {
        let scene = scene
        let link = try await scene.appoint.invite(email: EmailAddress("root@example.com"))
        scene.clock.advance(by: .seconds(3_600) - .milliseconds(1))
        #expect(
            try await scene.appoint.preview(try scene.token(in: link))
                == .open(address: EmailAddress("root@example.com")))
        scene.hasher.meanwhile { scene.clock.advance(by: .milliseconds(1)) }
        let late = try await scene.appoint.accept(try scene.acceptance(link))
        #expect(late == .refused(.expired))
        #expect(try await scene.appoint.preview(try scene.token(in: link)) == .refused(.expired))
        #expect(scene.work.store.accounts.isEmpty)
    }

    @Test("the mailed proof of an address makes no administrator")
    func verificationLink() async throws {
        let user = try scene.add(isVerified: false)
        let link = scene.addLink(for: user)
        let command = AcceptAdministratorCommand(
            token: link.text, email: nil, password: try Password(normalized: AccountsScene.password, for: nil),
            client: AccountsScene.client)
        #expect(try await scene.appoint.accept(command) == .refused(.invalid))
        #expect(scene.hasher.calls.isEmpty)
    }

    @Test("the link for the first administrator is given until there is one")
    func first() async throws {
        let link = try #require(try await scene.appoint.inviteFirst())
        #expect(try await scene.appoint.inviteFirst() != nil)
        _ = try await scene.appoint.accept(try scene.acceptance(link, email: "root@example.com"))
        #expect(try await scene.appoint.inviteFirst() == nil)
    }

    private func makeSession(of user: User) -> Session {
        let session = Session(
            id: scene.identifiers.next(), userID: user.id, userAgent: nil, address: nil,
            createdAt: scene.clock.now, lastUsed: scene.clock.now, expiresAt: scene.clock.now + .seconds(60))
        scene.work.arrange { $0.sessions[session.id] = session }
        return session
    }
}
