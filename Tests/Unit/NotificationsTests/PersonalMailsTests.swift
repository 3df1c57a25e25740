import AccountsContract
import AccountsContractDoubles
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import NotificationsDoubles
import Shared
import TestSupport
import Testing

@Suite("What is held about a person's messages")
struct PersonalMailsTests {
    private let scene = NotificationsScene()

    private var personalMails: PersonalMailsService {
        PersonalMailsService(work: scene.work, accounts: scene.accounts, clock: scene.clock)
    }

    /// A message that was refused for good, and one that waits.
    private func arrange() async throws {
        try await scene.queueVerification()
        let transport = MailTransportDouble(answering: .addressRefused(reason: "550 5.1.1"))
        _ = try await scene.send(by: transport)()
        try await scene.queueVerification()
        let off = NotificationPreference(kind: .usage, isEnabled: false, updatedAt: scene.clock.now)
        scene.work.arrange { $0.preferences[NotificationsScene.user] = [.usage: off] }
    }

    @Test("a person gets each message with what became of it, and the address that was refused")
    func export() async throws {
        try await arrange()
        let export = try await personalMails.export(NotificationsScene.user)
        #expect(export.notifications.map(\.state) == [.queued, .failed])
        #expect(export.suppressions.map(\.address) == [NotificationsScene.address])
        #expect(export.suppressions.map(\.reason) == ["550 5.1.1"])
        #expect(export.preferences.map(\.kind) == [.usage])
        let stranger = try await personalMails.export(scene.identifiers.next())
        #expect(stranger.notifications.isEmpty && stranger.suppressions.isEmpty)
    }

    @Test("also what staff wrote down about the address is the person's whose address it is, and nobody else's")
    func byStaff() async throws {
        let suppressions = ManageSuppressionsService(
            work: scene.work, accounts: scene.accounts, digester: AddressDigesterDouble(), clock: scene.clock)
        _ = try await suppressions.add(NotificationsScene.address, reason: "wants nothing", by: .system)
        let stranger = try await personalMails.export(scene.identifiers.next())
        #expect(stranger.suppressions.isEmpty)
        scene.accounts.set(
            UserStanding(
                userID: UserID(NotificationsScene.user), address: NotificationsScene.address, isActive: true,
                isVerified: true, isAdministrator: false, block: nil))
        let export = try await personalMails.export(NotificationsScene.user)
        #expect(export.suppressions.map(\.reason) == ["wants nothing"])
        #expect(export.suppressions.map(\.isManual) == [true])
        // An address of theirs that was refused before is there once.
        try await arrange()
        #expect(try await personalMails.export(NotificationsScene.user).suppressions.count == 1)
    }

    @Test("of an account that is gone nothing is kept, and what waited is not sent")
    func forget() async throws {
        try await arrange()
        try await personalMails.forget(NotificationsScene.user, eventID: scene.identifiers.next())
        #expect(scene.work.notifications.isEmpty)
        #expect(scene.work.store.suppressions.isEmpty)
        #expect(scene.work.store.preferences.isEmpty)
    }

    @Test("the event that comes again forgets nothing that was written after it")
    func again() async throws {
        let event = scene.identifiers.next()
        try await personalMails.forget(NotificationsScene.user, eventID: event)
        try await arrange()
        try await personalMails.forget(NotificationsScene.user, eventID: event)
        #expect(scene.work.notifications.count == 2)
    }
}
