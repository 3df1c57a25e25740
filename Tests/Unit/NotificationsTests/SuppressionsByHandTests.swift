import AccountsContract
import AccountsContractDoubles
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import NotificationsDoubles
import Shared
import TestSupport
import Testing

@Suite("Suppressions by hand, and rules")
struct SuppressionsByHandTests {
    private let scene = NotificationsScene()

    private var suppressions: ManageSuppressionsService {
        ManageSuppressionsService(
            work: scene.work, accounts: scene.accounts, digester: AddressDigesterDouble(), clock: scene.clock)
    }

    @Test("an address that staff added gets nothing at all, also after a day and also if it was refused before")
    func added() async throws {
        let transport = MailTransportDouble()
        for _ in 1...2 {
            _ = try await suppressions.add(NotificationsScene.address, reason: "wants nothing", by: .system)
        }
        scene.clock.advance(by: MailSuppression.securityPause * 30)
        try await scene.queueVerification()
        _ = try await scene.send(by: transport)()
        #expect(transport.sent.isEmpty)
        #expect(scene.work.notifications.map(\.reason) == [.suppressed])
        #expect(scene.withheld.all == [.suppressed])
        #expect(scene.work.store.auditTrail.map(\.entry.action) == ["mail_suppression.added"])
        #expect(scene.log.entries.last?["cause"] == "by staff")
    }

    @Test("once it is removed mails go again; removing what is not there changes nothing")
    func removed() async throws {
        _ = try await suppressions.add(NotificationsScene.address, reason: "wants nothing", by: .system)
        #expect(try await suppressions.remove(NotificationsScene.address, by: .system) == .done(true))
        #expect(try await suppressions.remove(NotificationsScene.address, by: .system) == .done(false))
        let transport = MailTransportDouble()
        try await scene.queueVerification()
        _ = try await scene.send(by: transport)()
        #expect(transport.sent.count == 1)
        #expect(
            scene.work.store.auditTrail.map(\.entry.action) == ["mail_suppression.added", "mail_suppression.removed"])
    }

    @Test("mails are kept from an account only by whoever has all that its owner may; an attempt is in the log")
    func covered() async throws {
        let owner = UserStanding(
            userID: UserID(NotificationsScene.user), address: NotificationsScene.address, isActive: true,
            isVerified: true, isAdministrator: true, block: nil)
        scene.accounts.set(owner)
        let id = SequentialIdentifiers.identifier(9)
        let principal = Principal(
            .session(id), of: id, permissions: .empty, client: ClientInfo(address: .loopback, userAgent: nil))
        let less = ManageSuppressionsService.Author.staff(principal) { !$0.isAdministrator }
        let address = NotificationsScene.address
        #expect(try await suppressions.add(address, reason: "quiet", by: less) == .permissionDenied)
        #expect(scene.work.store.suppressions.isEmpty)
        _ = try await suppressions.add(address, reason: "asked for it", by: .system)
        #expect(try await suppressions.remove(address, by: less) == .permissionDenied)
        #expect(scene.work.store.suppressions.count == 1)
        #expect(
            scene.work.store.auditTrail.map(\.entry.outcome) == [.refused, .done, .refused])
        let all = ManageSuppressionsService.Author.staff(principal) { _ in true }
        #expect(try await suppressions.remove(address, by: all) == .done(true))
        // An address without an account is covered by everybody who may do it at all.
        let nobody = try #require(EmailAddress("nobody@example.com"))
        guard case .done = try await suppressions.add(nobody, reason: "bounces", by: less) else {
            throw InternalFailure("refused")
        }
    }

    private var rules: ManageRulesService { ManageRulesService(work: scene.work, clock: scene.clock) }

    private var staff: Principal {
        Principal(
            .session(scene.identifiers.next()), of: NotificationsScene.user, permissions: PermissionSet([]),
            client: ClientInfo(address: NetworkAddress(text: "192.0.2.1")!, userAgent: nil))
    }

    private func change(_ rules: [(String, String, Bool)]) async throws -> ManageRulesService.Outcome {
        try await self.rules.change(
            rules.map { .init(eventType: $0.0, template: $0.1, isEnabled: $0.2) }, by: staff)
    }

    @Test("a rule is switched off and on, with a line of the audit log and one change for all processes each time")
    func switching() async throws {
        let welcome = Rule(on: "user.verified", send: .welcome)
        let off = try await change([("user.verified", "welcome", false)])
        #expect(off == .changed(RuleSet([welcome: false])))
        #expect(try await change([("user.verified", "welcome", false)]) == off)
        #expect(scene.work.store.ruleChanges == 1)
        _ = try await change([("user.verified", "welcome", true)])
        #expect(try await rules.read().isEnabled(welcome))
        #expect(scene.work.store.ruleChanges == 2)
        #expect(
            scene.work.store.auditTrail.map(\.entry.action) == [
                "notification_rule.disabled", "notification_rule.enabled",
            ])
        #expect(scene.work.store.auditTrail.first?.entry.subject == "notification_rule:user.verified:welcome")
    }

    @Test("a rule of a security mail cannot be switched off, nor one that there is not; then nothing is changed")
    func refused() async throws {
        let mixed = try await change([("user.verified", "welcome", false), ("user.created", "verify_email", false)])
        #expect(mixed == .required(indices: [1]))
        #expect(try await change([("user.created", "welcome", true)]) == .unknown(indices: [0]))
        #expect(try await change([("user.created", "verify_email", true)]) != .required(indices: [0]))
        #expect(scene.work.store.ruleChanges == 0)
        #expect(try await rules.read().isEnabled(Rule(on: "user.verified", send: .welcome)))
    }

    @Test("a store that says a security rule is off is not believed")
    func distrust() {
        let verify = Rule(on: "user.created", send: .verifyEmail)
        #expect(RuleSet([verify: false]).isEnabled(verify))
        #expect(RuleSet([verify: false]).templates(for: "user.created") == [.verifyEmail])
    }
}
