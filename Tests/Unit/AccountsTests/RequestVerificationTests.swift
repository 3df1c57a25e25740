import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Asking for the verification mail again")
struct RequestVerificationTests {
    private let scene = AccountsScene()

    @Test("makes a new proof and publishes it")
    func makesProof() async throws {
        let user = try scene.add(isVerified: false)
        try await scene.requestVerification(email: user.email)
        let store = scene.work.store
        let validation = try #require(store.validations.values.first)
        #expect(validation.userID == user.id)
        #expect(validation.address == user.email)
        #expect(validation.expiresAt == scene.clock.now + AccountsScene.validationLifetime)
        let published = store.events(of: UserVerificationRequested.self)
        #expect(published.map(\.validationID) == [validation.id])
        #expect(published.map(\.userID) == [user.id])
    }

    @Test("does nothing within 60 s of the last mail, and works again from then on")
    func interval() async throws {
        let user = try scene.add(isVerified: false)
        let first = scene.addLink(for: user)
        scene.clock.advance(by: .milliseconds(59_999))
        try await scene.requestVerification(email: user.email)
        #expect(Set(scene.work.store.validations.keys) == [first.token.id])
        scene.clock.advance(by: .milliseconds(1))
        try await scene.requestVerification(email: user.email)
        #expect(scene.work.store.validations.count == 2)
        try await scene.requestVerification(email: user.email)
        #expect(scene.work.store.validations.count == 2)
        #expect(scene.work.store.events.count == 1)
    }

    @Test(
        "does nothing for an unknown, a verified or a deactivated account", arguments: ["none", "verified", "inactive"])
    func nothingToProve(_ kind: String) async throws {
        if kind == "verified" { try scene.add() }
        if kind == "inactive" { try scene.add(isVerified: false) { $0.isActive = false } }
        try await scene.requestVerification(email: try #require(EmailAddress("ana@example.com")))
        #expect(scene.work.store.validations.isEmpty)
        #expect(scene.work.store.events.isEmpty)
    }

    @Test("does nothing for an account that was verified in the meantime")
    func verifiedMeanwhile() async throws {
        let scene = scene
        let user = try scene.add(isVerified: false)
        scene.work.beforeNextWrite { scene.work.arrange { $0.accounts[user.id]?.user.isVerified = true } }
        try await scene.requestVerification(email: user.email)
        #expect(scene.work.store.events.isEmpty)
    }

    @Test("an earlier link stays good")
    func earlierLinkStays() async throws {
        let user = try scene.add(isVerified: false)
        let first = scene.addLink(for: user)
        scene.clock.advance(by: .seconds(60))
        try await scene.requestVerification(email: user.email)
        let outcome = try await scene.verifyEmail(first.text, client: AccountsScene.client)
        #expect(outcome == .verified(try #require(scene.work.store.accounts[user.id])))
    }
}
