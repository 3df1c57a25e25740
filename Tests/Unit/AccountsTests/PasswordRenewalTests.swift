import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Renewing a password's hash at a sign-in")
struct PasswordRenewalTests {
    private let scene = AccountsScene()
    private let old = PasswordHasherDouble.oldHash(of: AccountsScene.password)
    private let new = PasswordHasherDouble.hash(of: AccountsScene.password)

    private func add(_ change: @escaping @Sendable (inout User) -> Void = { _ in }) throws -> User {
        try scene.add { [old] user in
            user.passwordHash = old
            change(&user)
        }
    }

    private var storedHash: String? { scene.work.store.account("ana@example.com")?.user.passwordHash }

    @Test("an old hash is replaced after the session is open, and nothing else changes")
    func renews() async throws {
        var user = try add()
        _ = try await scene.signedIn()
        user.passwordHash = new
        #expect(scene.work.store.account("ana@example.com")?.user == user)
        #expect(scene.hasher.calls == [.verify(against: old), .hash])
        #expect(scene.work.store.sessions.count == 1)
        #expect(scene.work.store.auditLines == ["done session.opened"])
    }

    @Test("a hash that is made as new ones are stays")
    func current() async throws {
        try scene.add()
        _ = try await scene.signedIn()
        #expect(scene.hasher.calls == [.verify(against: new)])
    }

    @Test("a wrong password renews nothing")
    func wrongPassword() async throws {
        _ = try add()
        _ = try await scene.signIn(password: "wrong horse")
        #expect(storedHash == old)
        #expect(scene.hasher.calls == [.verify(against: old)])
    }

    @Test("a sign-in that is refused after the right password renews nothing")
    func obstructed() async throws {
        _ = try add { $0.isActive = false }
        _ = try await scene.signIn()
        #expect(storedHash == old)
        #expect(scene.hasher.calls == [.verify(against: old)])
    }

    @Test("a password that was changed meanwhile stays the new one")
    func changedMeanwhile() async throws {
        let user = try add()
        let other = PasswordHasherDouble.hash(of: "another horse")
        let work = scene.work
        for _ in 1...2 { work.beforeNextWrite {} }
        work.beforeNextWrite { work.arrange { $0.accounts[user.id]?.user.passwordHash = other } }
        _ = try await scene.signedIn()
        #expect(storedHash == other)
    }

    @Test("of two sign-ins at once with an old hash neither is refused because the other renewed it")
    func renewedMeanwhile() async throws {
        _ = try add()
        let scene = scene
        scene.hasher.meanwhile { _ = try await scene.signedIn() }
        #expect(try await scene.signIn().signedIn != nil)
        #expect(storedHash == new)
        #expect(scene.work.store.sessions.count == 2)
    }

    @Test("an account that was deleted meanwhile stays deleted")
    func deletedMeanwhile() async throws {
        let user = try add()
        let work = scene.work
        for _ in 1...2 { work.beforeNextWrite {} }
        work.beforeNextWrite { work.arrange { $0.accounts[user.id] = nil } }
        _ = try await scene.signedIn()
        #expect(scene.work.store.accounts.isEmpty)
    }

    @Test("a hasher that is full does not fail the sign-in, and the next one renews")
    func hasherIsFull() async throws {
        _ = try add()
        let (work, hasher) = (scene.work, scene.hasher)
        work.beforeNextWrite {}
        work.beforeNextWrite { hasher.meanwhile { throw Unavailable("password_hashing", reason: "the queue is full") } }
        _ = try await scene.signedIn()
        #expect(storedHash == old)
        #expect(scene.hasher.calls == [.verify(against: old), .hash])
        _ = try await scene.signedIn()
        #expect(storedHash == new)
    }

    @Test("a store that fails at the renewal does not fail the sign-in")
    func storeFails() async throws {
        _ = try add()
        for _ in 1...2 { scene.work.beforeNextWrite {} }
        scene.work.beforeNextWrite { throw Unavailable("database", reason: "the disk is full") }
        _ = try await scene.signedIn()
        #expect(storedHash == old)
        #expect(scene.work.store.sessions.count == 1)
    }
}
