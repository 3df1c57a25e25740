import AccessApplication
import AccessContract
import AccessDomain
import Shared
import Testing

extension AccessWorkBehaviour {
    private static let (ana, budi) = (Sample.id(50), Sample.id(51))
    private static let tenant = TenantID(Sample.id(60))

    static let apiKeys = [
        AccessWorkBehaviour("a key is found as it was stored, by its id and by its prefix, in its case") { subject in
            let keys = [
                try Sample.key(1, of: .user(ana, in: nil)), try Sample.key(2, of: .user(ana, in: tenant)),
                try Sample.key(3, of: .tenant(tenant), prefix: "abcdefgh11"),
                try Sample.key(4, of: .platform),
                try Sample.key(5, of: .serviceAccount(ServiceAccountID(Sample.id(70)))),
            ]
            try await subject.work.write { context in for key in keys { try context.apiKeys.insert(key) } }
            try await subject.work.read { context throws in
                for key in keys {
                    #expect(try context.apiKeys.find(key.id) == key)
                    #expect(try context.apiKeys.find(key.prefix) == key)
                }
                let other = try #require(APIKeyPrefix("ABCDEFGH11"))
                #expect(try context.apiKeys.find(other) == nil)
            }
        },
        AccessWorkBehaviour("its name, its services, its use and its end are written") { subject in
            let key = try Sample.key(1, of: .user(ana, in: nil))
            try await subject.work.write { try $0.apiKeys.insert(key) }
            try await subject.work.write { context throws in
                var stored = try #require(try context.apiKeys.lock(key.id))
                stored.name = "Another"
                stored.open(KeyServices([try Sample.slug("two")]))
                stored.lastUsedAt = Sample.now + .seconds(1)
                stored.revokedAt = Sample.now + .seconds(2)
                try context.apiKeys.update(stored)
            }
            let stored = try #require(try await subject.work.read { try $0.apiKeys.find(key.id) })
            #expect(stored.name == "Another" && stored.services.texts == ["two"] && stored.scopes == key.scopes)
            #expect(stored.lastUsedAt == Sample.now + .seconds(1))
            #expect(stored.revokedAt == Sample.now + .seconds(2))
        },
        AccessWorkBehaviour("those that are not revoked are told from those that are, and from what is no key") {
            subject in
            let keys = [
                try Sample.key(1, of: .user(ana, in: nil)), try Sample.key(2, of: .user(budi, in: nil)),
                try Sample.key(3, of: .platform),
            ]
            try await subject.work.write { context throws in
                for key in keys { try context.apiKeys.insert(key) }
                var revoked = keys[1]
                revoked.revokedAt = Sample.now
                try context.apiKeys.update(revoked)
            }
            let asked: Set<APIKeyID> = [keys[0].id, keys[1].id, APIKeyID(Sample.id(99))]
            let (found, none) = try await subject.work.write { context throws in
                (try context.apiKeys.lockUnrevoked(asked), try context.apiKeys.lockUnrevoked([]))
            }
            #expect(found == [keys[0].id] && none.isEmpty)
        },
        AccessWorkBehaviour("keys are listed by owner, the newest first, in parts") { subject in
            let owners: [APIKey.Owner] = [
                .user(ana, in: nil), .user(budi, in: nil), .user(ana, in: tenant), .tenant(tenant), .user(ana, in: nil),
                .platform, .serviceAccount(ServiceAccountID(Sample.id(70))),
                .serviceAccount(ServiceAccountID(ana)),
            ]
            try await subject.work.write { context throws in
                for (index, owner) in owners.enumerated() {
                    try context.apiKeys.insert(try Sample.key(UInt64(index + 1), of: owner))
                }
            }
            @Sendable func numbers(_ keys: [APIKey]) -> [String] { keys.map(\.name) }
            try await subject.work.read { context throws in
                #expect(numbers(try context.apiKeys.all(of: .user(ana))) == ["Key 5", "Key 3", "Key 1"])
                #expect(numbers(try context.apiKeys.all(of: .tenant(tenant))) == ["Key 4"])
                #expect(numbers(try context.apiKeys.all(of: .platform)) == ["Key 6"])
                let all = try context.apiKeys.list(of: nil, PageRequest(limit: 100))
                #expect(all.items.count == 8 && all.next == nil)
                let account = APIKey.Holder.serviceAccount(ServiceAccountID(Sample.id(70)))
                #expect(numbers(try context.apiKeys.all(of: account)) == ["Key 7"])
                let first = try context.apiKeys.list(of: .user(ana), PageRequest(limit: 2))
                #expect(numbers(first.items) == ["Key 5", "Key 3"])
                let second = try context.apiKeys.list(of: .user(ana), PageRequest(limit: 2, after: first.next))
                #expect(numbers(second.items) == ["Key 1"] && second.next == nil)
            }
        },
        AccessWorkBehaviour("keys that are open and list no service are counted") { subject in
            try await subject.work.write { context throws in
                for number in UInt64(1)...4 {
                    // Those with an even number end within a minute.
                    var key = try Sample.key(number, of: .user(ana, in: nil))
                    if number > 1 { key.open(.none) }
                    try context.apiKeys.insert(key)
                }
            }
            try await subject.work.read { context throws in
                #expect(try context.apiKeys.countWithoutServices(at: Sample.now) == 3)
                #expect(try context.apiKeys.countWithoutServices(at: Sample.now + .seconds(60)) == 1)
            }
            try await subject.work.write { context throws in
                #expect(try context.apiKeys.lockWithoutKind().isEmpty)
                guard var key = try context.apiKeys.lock(APIKeyID(Sample.id(3))), key.revoke(at: Sample.now) else {
                    throw Stop()
                }
                try context.apiKeys.update(key)
                #expect(try context.apiKeys.countWithoutServices(at: Sample.now) == 2)
            }
        },
        AccessWorkBehaviour("those are found that list a service, or have the scope to ask about it") { subject in
            let sample = try Sample.key(1, of: .user(ana, in: nil))
            try await subject.work.write { context throws in
                try context.apiKeys.insert(sample)
                var key = try Sample.key(2, of: .user(ana, in: nil))
                key.open(KeyServices([try Sample.slug("on_")], listsEvery: true))
                key.forget(try Sample.slug("one"))
                try context.apiKeys.insert(key)
            }
            try await subject.work.write { context throws in
                #expect(try context.apiKeys.lockAll(naming: try Sample.slug("one")) == [sample])
                #expect(try context.apiKeys.lockAll(naming: try Sample.slug("shop")) == [sample])
                #expect(try context.apiKeys.lockAll(naming: try Sample.slug("on_")).map(\.name) == ["Key 2"])
                #expect(try context.apiKeys.lockAll(naming: try Sample.slug("two")).isEmpty)
            }
        },
        AccessWorkBehaviour("a secret and the one before are written") { subject in
            var key = try Sample.key(1, of: .user(ana, in: nil))
            try await subject.work.write { [key] in try $0.apiKeys.insert(key) }
            key.rotate(to: [UInt8](repeating: 9, count: 32), overlap: .seconds(60), at: Sample.now)
            try await subject.work.write { [key] in try $0.apiKeys.update(key) }
            let stored1 = try await subject.work.read { [key] in try $0.apiKeys.find(key.id) }
            #expect(stored1 == key)
            key.rotate(to: [UInt8](repeating: 8, count: 32), overlap: .zero, at: Sample.now)
            try await subject.work.write { [key] in try $0.apiKeys.update(key) }
            let stored = try await subject.work.read { [key] in try $0.apiKeys.find(key.id) }
            #expect(stored == key && stored?.previous == nil)
        },
        AccessWorkBehaviour("two keys never share a prefix") { subject async throws in
            let first = try Sample.key(1, of: .user(ana, in: nil), prefix: "0123456789")
            try await subject.work.write { try $0.apiKeys.insert(first) }
            await subject.expectViolation {
                try await subject.work.write { context throws in
                    try context.apiKeys.insert(try Sample.key(2, of: .user(budi, in: nil), prefix: "0123456789"))
                }
            }
            #expect(try await subject.work.read { try $0.apiKeys.find(first.prefix) } == first)
        },
    ]
}
