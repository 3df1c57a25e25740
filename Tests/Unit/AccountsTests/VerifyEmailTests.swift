import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("Proving an address")
struct VerifyEmailTests {
    private let scene = AccountsScene()

    @Test("the link verifies the account and is used up")
    func verifies() async throws {
        let user = try scene.add(isVerified: false)
        let link = scene.addLink(for: user)
        scene.clock.advance(by: .seconds(60))
        let outcome = try await scene.verifyEmail(link.text, client: AccountsScene.client)
        let store = scene.work.store
        #expect(outcome == .verified(try #require(store.accounts[user.id])))
        #expect(store.accounts[user.id]?.user.isVerified == true)
        #expect(store.accounts[user.id]?.user.updatedAt == scene.clock.now)
        #expect(store.validations[link.token.id]?.usedAt == scene.clock.now)
        #expect(store.events(of: UserVerified.self).map(\.userID) == [user.id])
        #expect(store.auditLines == ["done user.verified"])
    }

    @Test("looking at a link, as mail scanners do, changes nothing")
    func previewChangesNothing() async throws {
        let user = try scene.add(isVerified: false)
        let link = scene.addLink(for: user)
        let account = try #require(scene.work.store.accounts[user.id])
        for _ in 1...3 { #expect(try await scene.verifyEmail.preview(link.text) == .open(account)) }
        #expect(scene.work.store.validations[link.token.id]?.usedAt == nil)
        #expect(scene.work.store.accounts[user.id] == account)
    }

    @Test("a link that is pressed twice is done twice, and nothing more happens")
    func worksOnce() async throws {
        let user = try scene.add(isVerified: false)
        let link = scene.addLink(for: user)
        _ = try await scene.verifyEmail(link.text, client: AccountsScene.client)
        let account = try #require(scene.work.store.accounts[user.id])
        #expect(try await scene.verifyEmail(link.text, client: AccountsScene.client) == .verified(account))
        #expect(try await scene.verifyEmail.preview(link.text) == .alreadyVerified(account))
        #expect(scene.work.store.events.count == 1)
        scene.clock.advance(by: AccountsScene.validationLifetime)
        #expect(try await scene.verifyEmail(link.text, client: AccountsScene.client) == .refused(.invalid))
    }

    @Test("a link that is used between its page and its button is done as well")
    func usedMeanwhile() async throws {
        let scene = scene
        let user = try scene.add(isVerified: false)
        let link = scene.addLink(for: user)
        let page = try await scene.verifyEmail.preview(link.text)
        #expect(page == .open(try #require(scene.work.store.accounts[user.id])))
        scene.work.beforeNextWrite {
            let first = try await scene.verifyEmail(link.text, client: AccountsScene.client)
            #expect(first == .verified(try #require(scene.work.store.accounts[user.id])))
        }
        let again = try await scene.verifyEmail(link.text, client: AccountsScene.client)
        #expect(again == .verified(try #require(scene.work.store.accounts[user.id])))
        #expect(scene.work.store.events.count == 1)
    }

    @Test("a link is good until its last moment and then too old")
    func expires() async throws {
        let user = try scene.add(isVerified: false)
        let link = scene.addLink(for: user)
        scene.clock.advance(by: AccountsScene.validationLifetime - .milliseconds(1))
        #expect(
            try await scene.verifyEmail.preview(link.text) == .open(try #require(scene.work.store.accounts[user.id])))
        scene.clock.advance(by: .milliseconds(1))
        #expect(try await scene.verifyEmail.preview(link.text) == .refused(.expired))
        #expect(try await scene.verifyEmail(link.text, client: AccountsScene.client) == .refused(.expired))
        #expect(try await scene.verifyEmail.decline(link.text, client: AccountsScene.client) == .refused(.expired))
        #expect(scene.work.store.accounts[user.id]?.user.isVerified == false)
    }

    @Test(
        "a forged, unknown or foreign link is refused in every way",
        arguments: ["forged", "unknown", "administrator", "text"])
    func badLink(_ kind: String) async throws {
        let user = try scene.add(isVerified: false)
        let text: String
        switch kind {
        case "forged": text = scene.addLink(for: user).text + "A"
        case "unknown":
            let link = scene.addLink(for: user)
            scene.work.arrange { $0.validations = [:] }
            text = link.text
        case "administrator": text = scene.addLink(for: nil, purpose: .administrator, address: user.email).text
        default: text = "nonsense"
        }
        #expect(try await scene.verifyEmail.preview(text) == .refused(.invalid))
        #expect(try await scene.verifyEmail(text, client: AccountsScene.client) == .refused(.invalid))
        #expect(try await scene.verifyEmail.decline(text, client: AccountsScene.client) == .refused(.invalid))
        #expect(scene.work.store.accounts[user.id]?.user.isVerified == false)
        #expect(scene.work.store.events.isEmpty)
    }

    @Test("a second open link of a verified account is used up without another event")
    func secondLink() async throws {
        let user = try scene.add(isVerified: false)
        let links = [scene.addLink(for: user), scene.addLink(for: user)]
        for link in links {
            let outcome = try await scene.verifyEmail(link.text, client: AccountsScene.client)
            #expect(outcome == .verified(try #require(scene.work.store.accounts[user.id])))
        }
        #expect(scene.work.store.events.count == 1)
        #expect(scene.work.store.validations.values.allSatisfy { $0.usedAt != nil })
    }

    @Test("a link for an address that the account no longer has is refused")
    func addressChanged() async throws {
        let user = try scene.add(isVerified: false)
        let link = scene.addLink(for: user)
        scene.work.arrange { $0.accounts[user.id]?.user.email = EmailAddress("new@example.com")! }
        #expect(try await scene.verifyEmail(link.text, client: AccountsScene.client) == .refused(.invalid))
        #expect(scene.work.store.accounts[user.id]?.user.isVerified == false)
    }

    @Test("declining deletes the account that nobody has proved, and its links")
    func declines() async throws {
        let user = try scene.add(isVerified: false)
        let links = [scene.addLink(for: user), scene.addLink(for: user)]
        let outcome = try await scene.verifyEmail.decline(links[0].text, client: AccountsScene.client)
        #expect(outcome == .deleted(user.email))
        let store = scene.work.store
        #expect(store.accounts.isEmpty)
        #expect(store.validations.isEmpty)
        #expect(store.events(of: UserDeleted.self).map(\.userID) == [user.id])
        #expect(store.auditLines == ["done user.declined"])
        #expect(try await scene.verifyEmail(links[1].text, client: AccountsScene.client) == .refused(.invalid))
    }

    @Test("a verified account cannot be declined, whichever link is used")
    func verifiedStays() async throws {
        let user = try scene.add()
        let link = scene.addLink(for: user)
        #expect(try await scene.verifyEmail.decline(link.text, client: AccountsScene.client) == .refused(.invalid))
        #expect(scene.work.store.accounts.count == 1)
        #expect(scene.work.store.events.isEmpty)
    }

    @Test("an account that is verified while it is declined stays")
    func verifiedWhileDeclined() async throws {
        let scene = scene
        let user = try scene.add(isVerified: false)
        let links = [scene.addLink(for: user), scene.addLink(for: user)]
        scene.work.beforeNextWrite { _ = try await scene.verifyEmail(links[1].text, client: AccountsScene.client) }
        #expect(try await scene.verifyEmail.decline(links[0].text, client: AccountsScene.client) == .refused(.invalid))
        #expect(scene.work.store.accounts[user.id]?.user.isVerified == true)
    }

    @Test("an account that is declined while it is verified stays gone")
    func declinedWhileVerified() async throws {
        let scene = scene
        let user = try scene.add(isVerified: false)
        let links = [scene.addLink(for: user), scene.addLink(for: user)]
        scene.work.beforeNextWrite {
            _ = try await scene.verifyEmail.decline(links[1].text, client: AccountsScene.client)
        }
        #expect(try await scene.verifyEmail(links[0].text, client: AccountsScene.client) == .refused(.invalid))
        #expect(scene.work.store.accounts.isEmpty)
        #expect(scene.work.store.eventTypes == ["user.deleted"])
    }
}
