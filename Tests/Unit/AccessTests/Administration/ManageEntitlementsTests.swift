import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import Shared
import TestSupport
import Testing

@Suite("Setting entitlements by hand")
struct ManageEntitlementsTests {
    private let scene = AdministrationScene()

    private func set(_ draft: EntitlementDraft, of user: UserID) async throws -> SetEntitlementOutcome {
        try await scene.manageEntitlements.set(
            SetEntitlementCommand(subject: .user(user.value), draft: draft, principal: scene.administrator()))
    }

    private func view(_ outcome: SetEntitlementOutcome) throws -> EntitlementView {
        guard case .set(let view) = outcome else { throw InternalFailure("not set: \(outcome)") }
        return view
    }

    @Test("a plan counts at once, as a new version each time, and is told to everybody")
    func sets() async throws {
        let ana = try scene.user("ana")
        #expect(try await scene.manageEntitlements.find(.user(ana.value))?.effective.plan == .free)
        let first = try view(try await set(EntitlementDraft(plan: "pro"), of: ana))
        #expect(first.effective.plan == .pro && first.entitlement?.version == 1)
        let until = scene.now + .seconds(60)
        let second = try view(try await set(EntitlementDraft(plan: "pro", until: .at(until)), of: ana))
        #expect(second.entitlement?.version == 2 && second.entitlement?.id == first.entitlement?.id)
        #expect(second.effective.validUntil == until)
        #expect(try await scene.manageEntitlements.find(.user(ana.value)) == second)
        scene.clock.set(to: until)
        #expect(try await scene.manageEntitlements.find(.user(ana.value))?.effective.plan == .free)
        #expect(scene.work.store.changes == [.user(ana.value), .user(ana.value)])
        #expect(scene.work.store.auditLines == Array(repeating: "done entitlement.set", count: 2))
    }

    @Test("what a subscription said before, and comes late, does not count any more")
    func version() async throws {
        let ana = try scene.user("ana")
        let subject = EntitlementSubject.user(ana.value)
        let old = Entitlement(
            id: scene.identifiers.next(), subject: subject, grant: EntitlementGrant(plan: .pro, since: scene.now),
            version: 7, updatedAt: scene.now)
        scene.work.arrange { $0.entitlements[subject] = old }
        #expect(try view(try await set(EntitlementDraft(plan: "enterprise"), of: ana)).entitlement?.version == 8)
        let removed = try view(
            try await scene.manageEntitlements.remove(.user(ana.value), by: scene.administrator()))
        #expect(removed.effective.plan == .free && removed.entitlement?.version == 9)
        let late = EntitlementChange(
            subject: subject, grant: EntitlementGrant(plan: .pro, since: scene.now), version: 8)
        let stored = scene.work.store.entitlements[subject]
        #expect(late.applied(to: stored, id: scene.identifiers.next(), at: scene.now) == .outdated)
    }

    @Test("removing what was never given, or a second time, changes nothing")
    func removes() async throws {
        let ana = try scene.user("ana")
        for _ in 1...2 {
            let view = try view(try await scene.manageEntitlements.remove(.user(ana.value), by: scene.administrator()))
            #expect(view.effective.plan == .free)
        }
        #expect(scene.work.store.changes.isEmpty && scene.work.store.auditTrail.isEmpty)
        _ = try await set(EntitlementDraft(plan: "pro"), of: ana)
        for _ in 1...2 { _ = try await scene.manageEntitlements.remove(.user(ana.value), by: scene.administrator()) }
        #expect(scene.work.store.auditLines == ["done entitlement.set", "done entitlement.removed"])
    }

    @Test("a contract brings its own limits, of services that there are")
    func limits() async throws {
        let ana = try scene.user("ana")
        let draft = ServiceDraft(slug: "cvmaker", name: "CVs", audience: "cv", upstream: "http://127.0.0.1:1")
        _ = try await scene.manageServices.create(scene.identifiers.next(), draft, by: scene.administrator())
        typealias Draft = EntitlementDraft.LimitDraft
        let own = [
            Draft(amount: nil, unit: .month, isGlobal: true),
            Draft(amount: 5, unit: .day, isGlobal: false, service: "cvmaker", enforcement: .soft, durability: .strict),
            Draft(amount: 9, unit: .minute, isGlobal: false),
        ]
        let view = try view(try await set(EntitlementDraft(plan: "contract-42", limits: own), of: ana))
        let slug = try #require(ServiceSlug("cvmaker"))
        #expect(
            view.effective.limits == [
                Limit(Limit.unlimited, per: .month, scope: .global),
                Limit(5, per: .day, scope: .service(slug), enforcement: .soft, durability: .strict),
                Limit(9, per: .minute, scope: .eachService),
            ])
        #expect(view.effective.plan.text == "contract-42")
    }

    @Test(
        "every bad field is told",
        arguments: [
            (EntitlementDraft(plan: "PRO"), ["plan"]), (EntitlementDraft(plan: "anonymous"), ["plan"]),
            (EntitlementDraft(plan: "unheard-of"), ["plan"]),
            (EntitlementDraft(plan: "pro", until: .at(Timestamp(seconds: 1_790_000_000))), ["until"]),
            (
                EntitlementDraft(
                    plan: "pro",
                    limits: [
                        .init(amount: -1, unit: .day, isGlobal: true),
                        .init(amount: 1, unit: .day, isGlobal: false, service: "nobody"),
                        .init(amount: 1, unit: .day, isGlobal: true, service: "cvmaker"),
                    ]), ["limits[0].amount", "limits[1].service", "limits[2].service"]
            ),
            (
                EntitlementDraft(
                    plan: "pro",
                    limits: Array(repeating: .init(amount: 1, unit: .day, isGlobal: true), count: 33)), ["limits"]
            ),
        ])
    func invalid(draft: EntitlementDraft, fields: [String]) async throws {
        let outcome = try await set(draft, of: try scene.user("ana"))
        guard case .invalid(let invalid) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(invalid.problems.map(\.field) == fields)
        #expect(scene.work.store.entitlements.isEmpty)
    }

    @Test("an unknown user has no entitlement")
    func unknown() async throws {
        let nobody = UserID(SequentialIdentifiers.identifier(999))
        #expect(try await set(EntitlementDraft(plan: "pro"), of: nobody) == .unknownSubject)
        #expect(
            try await scene.manageEntitlements.remove(.user(nobody.value), by: scene.administrator()) == .unknownSubject
        )
        #expect(try await scene.manageEntitlements.find(.user(nobody.value)) == nil)
    }

    @Test("nobody decides on the plan of somebody who may more")
    func cover() async throws {
        let (ana, root) = (try scene.user("ana"), try scene.user("root", isAdministrator: true))
        scene.role("writer", try AdministrationScene.set("shop:*"), heldBy: ana)
        let clerk = scene.administrator(try AdministrationScene.set("entitlements:*"))
        for user in [ana, root] {
            let command = SetEntitlementCommand(
                subject: .user(user.value), draft: EntitlementDraft(plan: "pro"), principal: clerk)
            #expect(try await scene.manageEntitlements.set(command) == .permissionDenied)
            #expect(try await scene.manageEntitlements.remove(.user(user.value), by: clerk) == .permissionDenied)
        }
        #expect(scene.work.store.entitlements.isEmpty)
        let manager = scene.administrator(try AdministrationScene.set("entitlements:*", "shop:*"))
        _ = try view(
            try await scene.manageEntitlements.set(
                SetEntitlementCommand(
                    subject: .user(ana.value), draft: EntitlementDraft(plan: "pro"), principal: manager)))
    }

    @Test("a service account has a plan of its own, set by who may do all that it may, and only while it is there")
    func serviceAccounts() async throws {
        let writer = scene.role("writer", try AdministrationScene.set("shop:*"))
        let robot = EntitlementSubject.serviceAccount(scene.serviceAccount(roles: writer).id)
        #expect(try await scene.manageEntitlements.find(robot)?.effective.plan == .free)
        let clerk = scene.administrator(try AdministrationScene.set("entitlements:*"))
        let pro = EntitlementDraft(plan: "pro")
        func set(_ subject: EntitlementSubject, by principal: Principal) async throws -> SetEntitlementOutcome {
            try await scene.manageEntitlements.set(
                SetEntitlementCommand(subject: subject, draft: pro, principal: principal))
        }
        #expect(try await set(robot, by: clerk) == .permissionDenied)
        #expect(try await scene.manageEntitlements.remove(robot, by: clerk) == .permissionDenied)
        let view = try view(try await set(robot, by: scene.administrator()))
        #expect(view.subject == robot && view.effective.plan == .pro)
        #expect(try await scene.manageEntitlements.find(robot) == view)
        #expect(scene.work.store.changes == [.user(robot.identifier)])
        #expect(scene.work.store.auditTrail.last?.entry.subject == "service_account:\(robot.identifier)")
        let gone = EntitlementSubject.serviceAccount(scene.identifiers.next())
        #expect(try await set(gone, by: scene.administrator()) == .unknownSubject)
        #expect(try await scene.manageEntitlements.remove(gone, by: scene.administrator()) == .unknownSubject)
        #expect(try await scene.manageEntitlements.find(gone) == nil)
    }
}
