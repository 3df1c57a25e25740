import AccessApplication
import AccessContract
import AccessDomain
import AccountsContract
import SQL
import Shared
import Testing

@testable import AccessInfrastructure

@Suite("Keys that a version wrote which knew no kinds")
struct KeysWithoutKindTests {
    @Test("what they are is found out when they are read, and written down once")
    func adopted() async throws {
        try await withAccessHouse { house in
            let process = try await house.process()
            let (gateway, _) = try await house.addKey(["access:check:one"], process)
            let (personal, _) = try await house.addKey(["one:use"], process)
            let owner = AccessHouse.ana.value
            try await house.database.write { transaction in
                _ = try transaction.execute("UPDATE api_keys SET kind = NULL, services = NULL, user_id = \(owner)")
            }
            let found = try await process.work.read { context in
                [try context.apiKeys.find(gateway.id), try context.apiKeys.find(personal.id)]
            }
            #expect(found[0] == gateway)
            #expect(found[1]?.owner == personal.owner && found[1]?.services.isEmpty == true)
            for _ in 0..<2 {
                #expect(try await AdoptAPIKeysService(work: process.work, clock: house.clock)() == 1)
                try await process.work.write { context throws in
                    #expect(try context.apiKeys.lockWithoutKind().isEmpty)
                    #expect(try context.apiKeys.all(of: .platform) == [gateway])
                    #expect(try context.apiKeys.all(of: .user(owner)) == [found[1]])
                }
            }
        }
    }
}
