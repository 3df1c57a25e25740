import AccessApplication
import AccessContract
import AccessDomain
import Shared
import Testing

extension AccessWorkBehaviour {
    static let entitlements = [
        AccessWorkBehaviour("an entitlement is found as it was stored, with the limits of its contract") { subject in
            let id = Sample.id(50)
            let limits = [
                Limit(1_000, per: .day, scope: .global), Limit(Limit.unlimited, per: .month, scope: .eachService),
                Limit(
                    7, per: .minute, scope: .service(try Sample.slug("one")), enforcement: .soft, durability: .strict),
                Limit(0, per: .second, scope: .service(try Sample.slug("two"))),
            ]
            let contract = Entitlement(
                id: EntitlementID(Sample.id(1)), subject: .user(id),
                grant: EntitlementGrant(
                    plan: .enterprise, limits: limits, since: Sample.now, until: Sample.now + .seconds(60),
                    isPastDue: true),
                version: 9_007_199_254_740_993, updatedAt: Sample.now + .milliseconds(1))
            // The same identifier as another kind of subject is another subject.
            let plain = Sample.entitlement(2, .tenant(TenantID(id)))
            let robot = Sample.entitlement(3, .serviceAccount(ServiceAccountID(id)))
            try await subject.work.write { context throws in
                for one in [contract, plain, robot] { try context.entitlements.save(one) }
            }
            try await subject.work.read { context throws in
                #expect(try context.entitlements.find(contract.subject) == contract)
                #expect(try context.entitlements.find(plain.subject) == plain)
                #expect(try context.entitlements.find(robot.subject) == robot)
                #expect(try context.entitlements.find(.user(Sample.id(51))) == nil)
            }
        },
        AccessWorkBehaviour("a subject has one entitlement; a later one takes its place, and it can be taken away") {
            subject in
            let first = Sample.entitlement(1, .user(Sample.id(50)))
            var second = first
            second.version = 2
            second.grant = EntitlementGrant(plan: .enterprise, limits: [], since: Sample.now + .seconds(1))
            let next = second
            try await subject.work.write { try $0.entitlements.save(first) }
            try await subject.work.write { context throws in
                #expect(try context.entitlements.lock(first.subject) == first)
                try context.entitlements.save(next)
            }
            #expect(try await subject.work.read { try $0.entitlements.find(first.subject) } == next)
            try await subject.work.write { try $0.entitlements.delete(first.subject) }
            #expect(try await subject.work.read { try $0.entitlements.find(first.subject) } == nil)
        },
        AccessWorkBehaviour("units of work that lock a subject without an entitlement come one after the other") {
            subject in
            let holder = EntitlementSubject.user(Sample.id(50))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...10 {
                    group.addTask {
                        try await subject.work.write { context throws in
                            let version = try context.entitlements.lock(holder)?.version ?? 0
                            try context.entitlements.save(
                                Sample.entitlement(UInt64(number), holder, version: version + 1))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await subject.work.read { try $0.entitlements.find(holder)?.version } == 10)
        },
        AccessWorkBehaviour("those are found that have a limit for one service") { subject in
            func entitlement(_ number: UInt64, _ scope: Limit.Scope, _ subject: EntitlementSubject) -> Entitlement {
                Entitlement(
                    id: EntitlementID(Sample.id(number)), subject: subject,
                    grant: EntitlementGrant(
                        plan: .enterprise, limits: [Limit(3, per: .day, scope: scope)], since: Sample.now),
                    version: 1, updatedAt: Sample.now)
            }
            let one = try Sample.slug("one")
            let named = [
                entitlement(1, .service(one), .user(Sample.id(50))),
                entitlement(2, .service(one), .tenant(TenantID(Sample.id(51)))),
                entitlement(6, .service(one), .serviceAccount(ServiceAccountID(Sample.id(55)))),
            ]
            let others = [
                entitlement(3, .service(try Sample.slug("one2")), .user(Sample.id(52))),
                entitlement(4, .eachService, .user(Sample.id(53))), Sample.entitlement(5, .user(Sample.id(54))),
            ]
            try await subject.work.write { context throws in
                for entitlement in named + others { try context.entitlements.save(entitlement) }
                #expect(try context.entitlements.lockAll(limiting: one) == named)
            }
        },
    ]
}
