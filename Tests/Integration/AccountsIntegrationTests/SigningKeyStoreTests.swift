import AccountsApplication
import Crypto
import SQL
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("The store of signing keys")
struct SigningKeyStoreTests {
    @Test("the first start makes a key, and later ones have the same")
    func sameKey() async throws {
        try await withAccountsHouse { house in
            let first = try await house.adapters().keys
            let second = try await house.adapters().keys
            #expect(first.current.kid == second.current.kid)
            #expect(first.publicKeySet == second.publicKeySet)
            #expect(try await house.count("signing_keys") == 1)
        }
    }

    @Test("a token that was signed before a restart is good after it")
    func restart() async throws {
        try await withAccountsHouse { before in
            let token = try await before.adapters().tokens
                .accessToken(for: Tokens.user, in: Tokens.session(), at: Tokens.now)
            let after = try AccountsHouse(before.database, clock: ManualClock())
            let tokens = try await after.adapters().tokens
            #expect(try await tokens.claims(of: token.text.reveal(), at: Tokens.now) != nil)
        }
    }

    @Test("another master key is told, and makes no second signing key")
    func otherMasterKey() async throws {
        try await withAccountsHouse { house in
            let kid = try await house.adapters().keys.current.kid
            let error = await #expect(throws: SigningKeyUnreadable.self) {
                try await house.adapters(masterKey: try AccountsHouse.masterKey(2))
            }
            #expect(error?.kid == kid)
            #expect(try await house.count("signing_keys") == 1)
        }
    }

    @Test("the private key is stored encrypted and bound to its row")
    func encrypted() async throws {
        try await withAccountsHouse { house in
            let plain = try await house.adapters().keys.current.serialized.reveal()
            let stored = try await house.database.read { transaction in
                try transaction.first("SELECT private_key FROM signing_keys") { try $0.bytes(0) }
            }
            #expect(try #require(stored).firstRange(of: plain) == nil)
            #expect(try #require(stored).firstRange(of: plain.suffix(32)) == nil)
            try await house.database.write { try $0.execute("UPDATE signing_keys SET kid = 'moved'") }
            let error = await #expect(throws: SigningKeyUnreadable.self) { try await house.adapters() }
            #expect(error?.kid == "moved")
        }
    }

    @Test("many that start at once take one key")
    func manyAtOnce() async throws {
        try await withAccountsHouse { house in
            let kids = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 { group.addTask { try await house.adapters().keys.current.kid } }
                var kids: Set<String> = []
                for try await kid in group { kids.insert(kid) }
                return kids
            }
            #expect(kids.count == 1)
            #expect(try await house.count("signing_keys") == 1)
        }
    }

    @Test("the public key set has no private part")
    func publicKeySet() async throws {
        try await withAccountsHouse { house in
            let keys = try await house.adapters().keys
            let text = String(decoding: keys.publicKeySet, as: UTF8.self)
            #expect(text.contains(keys.current.kid))
            #expect(!text.contains("\"d\":"))
        }
    }
}
