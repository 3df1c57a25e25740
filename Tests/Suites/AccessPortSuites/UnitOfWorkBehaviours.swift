import AccessApplication
import AccessContract
import AccessDomain
import Shared
import Testing

extension AccessWorkBehaviour {
    private static let changes: [AccessChange] = [
        .user(Sample.id(50)), .apiKey(APIKeyID(Sample.id(2))), .services, .roles, .usage(.user(Sample.id(50))),
        .usage(.tenant(TenantID(Sample.id(60)))), .usage(.device(Sample.id(70))),
        .usage(.network(NetworkAddress.loopback.limitPrefix)),
        .usage(.network(NetworkAddress(ipv6High: 0x2001_0DB8_0000_0001, low: 7).limitPrefix)),
    ]

    static let unitsOfWork = [
        AccessWorkBehaviour("what is committed is there with the changes that it tells") { subject in
            try await subject.work.write { context throws in
                _ = try context.services.insert(try Sample.service(1, "one"))
                for change in changes { try context.changed(change, at: Sample.now) }
            }
            #expect(try await subject.changes() == changes)
        },
        AccessWorkBehaviour("every repository is part of the unit of work: what throws leaves nothing") {
            subject async throws in
            await #expect(throws: Stop.self) {
                try await subject.work.write { context throws in
                    _ = try context.services.insert(try Sample.service(1, "one"))
                    _ = try context.roles.insert(Sample.role(2, "editor"))
                    try context.apiKeys.insert(try Sample.key(3, of: .user(Sample.id(50), in: nil)))
                    try context.entitlements.save(Sample.entitlement(4, .user(Sample.id(50))))
                    try context.changed(.services, at: Sample.now)
                    throw Stop()
                }
            }
            try await subject.work.read { context throws in
                #expect(try context.services.all() == [])
                #expect(try context.roles.all().count == 2)
                #expect(try context.apiKeys.list(of: nil, PageRequest()).items == [])
                #expect(try context.entitlements.find(.user(Sample.id(50))) == nil)
            }
            #expect(try await subject.changes() == [])
        },
        AccessWorkBehaviour("a unit of work that reads cannot change anything") { subject async throws in
            let service = try Sample.service(1, "one")
            try await subject.work.write { _ = try $0.services.insert(service) }
            await #expect(throws: InternalFailure.self) {
                try await subject.work.read { try $0.services.delete(service.id) }
            }
            await #expect(throws: InternalFailure.self) {
                try await subject.work.read { try $0.changed(.services, at: Sample.now) }
            }
            #expect(try await subject.work.read { try $0.services.all() } == [service])
            #expect(try await subject.changes() == [])
        },
        AccessWorkBehaviour("units of work that lock the same key come one after the other") { subject in
            let key = try Sample.key(1, of: .user(Sample.id(50), in: nil))
            try await subject.work.write { try $0.apiKeys.insert(key) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        try await subject.work.write { context throws in
                            guard var stored = try context.apiKeys.lock(key.id) else { throw Stop() }
                            stored.lastUsedAt = (stored.lastUsedAt ?? Sample.now) + .milliseconds(1)
                            try context.apiKeys.update(stored)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let stored = try await subject.work.read { try $0.apiKeys.find(key.id) }
            #expect(stored?.lastUsedAt == Sample.now + .milliseconds(10))
        },
    ]
}
