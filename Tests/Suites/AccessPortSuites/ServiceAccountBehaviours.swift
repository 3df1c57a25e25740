import AccessApplication
import AccessContract
import AccessDomain
import Shared
import Testing

extension AccessWorkBehaviour {
    private static func account(_ number: UInt64, tenant: UInt64? = nil, isActive: Bool = true) -> ServiceAccount {
        ServiceAccount(
            id: ServiceAccountID(Sample.id(number)), name: "Robot \(number)",
            tenantID: tenant.map { TenantID(Sample.id($0)) }, isActive: isActive, createdAt: Sample.now,
            updatedAt: Sample.now + .milliseconds(1))
    }

    static let serviceAccounts = [
        AccessWorkBehaviour("a service account is found as it was stored, changed, and removed with its roles") {
            subject in
            let role = Sample.role(1, "editor", "documents:read")
            let all = [account(2), account(3, tenant: 90, isActive: false)]
            try await subject.work.write { context throws in
                _ = try context.roles.insert(role)
                for one in all {
                    try context.serviceAccounts.insert(one)
                    try context.serviceAccounts.setRoles(of: one.id, to: [role.id], at: Sample.now)
                }
            }
            try await subject.work.read { context throws in
                for one in all { #expect(try context.serviceAccounts.find(one.id) == one) }
                #expect(try context.serviceAccounts.find(ServiceAccountID(Sample.id(9))) == nil)
            }
            try await subject.work.write { context throws in
                var one = try #require(try context.serviceAccounts.lock(all[0].id))
                let isChanged = one.change(name: "other", isActive: false, at: Sample.now + .seconds(1))
                #expect(isChanged)
                try context.serviceAccounts.update(one)
                #expect(try context.serviceAccounts.find(one.id) == one)
                try context.serviceAccounts.delete(all[1].id)
            }
            try await subject.work.read { context throws in
                #expect(try context.serviceAccounts.find(all[1].id) == nil)
                #expect(try context.serviceAccounts.roles(of: all[1].id).isEmpty)
                #expect(try context.roles.holderCount(role.id) == 1)
            }
        },
        AccessWorkBehaviour("service accounts are listed, the newest first, in parts") { subject in
            try await subject.work.write { context throws in
                for number in [2, 1, 3] as [UInt64] { try context.serviceAccounts.insert(account(number)) }
            }
            try await subject.work.read { context throws in
                let first = try context.serviceAccounts.list(PageRequest(limit: 2))
                #expect(first.items == [account(3), account(2)])
                let second = try context.serviceAccounts.list(PageRequest(limit: 2, after: first.next))
                #expect(second.items == [account(1)] && second.next == nil)
            }
        },
        AccessWorkBehaviour("it has the roles that were set last, built-in ones among them, and people's are others") {
            subject in
            let (one, two) = (Sample.role(1, "one"), Sample.role(2, "two"))
            let support = try #require(BuiltInRole.support.platformRole)
            let robot = account(5)
            try await subject.work.write { context throws in
                for role in [one, two] { _ = try context.roles.insert(role) }
                try context.serviceAccounts.insert(robot)
                try context.roles.setRoles(of: robot.id.value, to: [one.id], at: Sample.now)
                try context.serviceAccounts.setRoles(of: robot.id, to: [two.id, support.id], at: Sample.now)
                #expect(try context.serviceAccounts.roles(of: robot.id) == [support, two])
                #expect(try context.roles.roles(of: robot.id.value) == [one])
                #expect(try context.roles.holderCount(support.id) == 1)
                try context.serviceAccounts.setRoles(of: robot.id, to: [two.id, one.id], at: Sample.now)
                #expect(try context.roles.holderCount(one.id) == 2)
            }
            try await subject.work.write { try $0.roles.delete(one.id) }
            #expect(try await subject.work.read { try $0.serviceAccounts.roles(of: robot.id) } == [two])
        },
    ]

    static let keyUses = [
        AccessWorkBehaviour("what a key has used is added up by day, and given from the oldest day on") { subject in
            let (one, two) = (APIKeyID(Sample.id(1)), APIKeyID(Sample.id(2)))
            let day: Duration = .seconds(86_400)
            @Sendable func use(_ key: APIKeyID, _ days: Int, _ used: Int) -> KeyUse {
                KeyUse(KeyUse.Place(key, at: Sample.now + day * days), used: used)
            }
            try await subject.work.write { try $0.keyUses.add([use(one, 1, 5), use(one, 0, 2), use(two, 0, 9)]) }
            try await subject.work.write { context throws in
                try context.keyUses.add([use(one, 1, 1), use(one, 2, 7)])
                try context.keyUses.add([])
            }
            try await subject.work.read { context throws in
                let (first, last) = (use(one, 0, 2).place.day, use(one, 2, 7).place.day)
                let all = try context.keyUses.days(of: one, from: first, to: last + .milliseconds(1))
                #expect(all == [use(one, 0, 2), use(one, 1, 6), use(one, 2, 7)])
                let some = try context.keyUses.days(of: one, from: first + .milliseconds(1), to: last)
                #expect(some == [use(one, 1, 6)])
            }
            try await subject.work.write { try $0.keyUses.removeAll(of: one) }
            try await subject.work.read { context throws in
                let (start, end) = (Sample.now - day, Sample.now + day * 3)
                #expect(try context.keyUses.days(of: one, from: start, to: end).isEmpty)
                #expect(try context.keyUses.days(of: two, from: start, to: end) == [use(two, 0, 9)])
            }
        }
    ]
}
