import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Shared
import TestSupport
import Testing

@Suite("A button that is pressed twice")
struct RecentLinkUseTests {
    private let scene = AccountsScene()

    private var recent: RecentLinkUse { RecentLinkUse(work: scene.work, signer: scene.signer, clock: scene.clock) }

    @Test("is known for a minute, by the genuine link alone")
    func minute() async throws {
        let user = try scene.add()
        let link = scene.addLink(for: user, purpose: .reset).text
        #expect(try await !recent(link))
        let password = try Password(normalized: "a new password", for: nil)
        let outcome = try await scene.resetPassword(link, password: password, client: AccountsScene.client)
        guard case .changed = outcome else {
            Issue.record("the password is not changed: \(outcome)")
            return
        }
        #expect(try await recent(link))
        #expect(try await !recent(link + "x"))
        #expect(try await !recent(""))
        scene.clock.advance(by: RecentLinkUse.span - .milliseconds(1))
        #expect(try await recent(link))
        scene.clock.advance(by: .milliseconds(1))
        #expect(try await !recent(link))
    }
}
