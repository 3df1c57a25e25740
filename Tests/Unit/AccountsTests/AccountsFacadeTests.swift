import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("What Accounts tells other modules")
struct AccountsFacadeTests {
    private let scene = AccountsScene()

    @Test("a verification mail says who, where and until when, with a link that works")
    func mail() async throws {
        let user = try scene.add(isVerified: false) { $0.locale = "de" }
        let link = scene.addLink(for: user)
        let mail = try #require(try await scene.facade.linkMail(for: link.token.id))
        #expect(mail.recipient.userID == user.id)
        #expect(mail.recipient.address == user.email)
        #expect(mail.recipient.locale == "de")
        #expect(mail.link == scene.links.verification(token: link.text))
        #expect(mail.createdAt == link.token.createdAt)
        #expect(mail.expiresAt == link.token.expiresAt)
        let outcome = try await scene.verifyEmail(link.text, client: AccountsScene.client)
        #expect(outcome == .verified(try #require(scene.work.store.accounts[user.id])))
    }

    @Test("a repeated mail is the same mail")
    func sameMail() async throws {
        let link = scene.addLink(for: try scene.add(isVerified: false))
        let first = try #require(try await scene.facade.linkMail(for: link.token.id))
        scene.clock.advance(by: .seconds(3_600))
        #expect(try await scene.facade.linkMail(for: link.token.id) == first)
    }

    @Test("there is no mail when nothing is to be proved", arguments: Ending.allCases)
    func noMail(_ ending: Ending) async throws {
        let user = try scene.add(isVerified: false)
        let link = scene.addLink(for: user)
        var id = link.token.id
        switch ending {
        case .used: scene.work.arrange { $0.validations[link.token.id]?.usedAt = link.token.createdAt }
        case .expired: scene.clock.advance(by: AccountsScene.validationLifetime)
        case .verified: scene.work.arrange { $0.accounts[user.id]?.user.isVerified = true }
        case .deleted: scene.work.arrange { $0.accounts = [:] }
        case .unknown: id = scene.identifiers.next()
        case .administrator: id = scene.addLink(for: user, purpose: .administrator).token.id
        }
        #expect(try await scene.facade.linkMail(for: id) == nil)
    }

    enum Ending: CaseIterable, Sendable {
        case used, expired, verified, deleted, unknown, administrator
    }
}
