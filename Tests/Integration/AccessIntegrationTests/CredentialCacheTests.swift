import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import ChangeFeeds
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("Keys that are known again")
struct CredentialCacheTests {
    private func withProcess(
        _ body: (AccessHouse, AccessAdapters, GuardedDatabase) async throws -> Void
    ) async throws {
        try await withAccessHouse { house in
            try house.addUser()
            let database = GuardedDatabase(house.database)
            try await body(house, try await house.process(database), database)
        }
    }

    /// The same prefix with another secret, and a checksum that is right.
    private func forged(_ text: String) throws -> String {
        let other = APIKeyText(random: SystemRandomSource()).text.reveal()
        let body = Array(text.utf8.prefix(15)) + Array(other.utf8.dropFirst(15).prefix(32))
        // Whoever knows how keys are made can make a checksum; here by trying the sums of true keys.
        let sum = CRC32Reference.base62(of: body)
        return String(decoding: body + sum, as: UTF8.self)
    }

    @Test("a key that was seen is known from memory; a wrong secret and a typing error never reach the store")
    func warm() async throws {
        try await withProcess { house, process, database async throws in
            let (key, text) = try await house.addKey(["one:use"], process)
            let now = house.clock.now
            #expect(try await process.credentials.apiKey(text, at: now) == key)
            let uses = database.useCount
            #expect(try await process.credentials.apiKey(text, at: now) == key)
            let forged = try forged(text)
            #expect(APIKeyText(forged) != nil && forged != text)
            #expect(try await process.credentials.apiKey(forged, at: now) == nil)
            #expect(try await process.credentials.apiKey(String(text.dropLast()) + "_", at: now) == nil)
            #expect(try await process.credentials.apiKey("gpk_", at: now) == nil)
            #expect(try await process.credentials.apiKey("", at: now) == nil)
            #expect(database.useCount == uses)
            // From memory alone the same is known, and every text that differs in one byte is another one.
            #expect(process.credentials.recallKey(text, at: now) == .known(key))
            for index in text.utf8.indices {
                var other = Array(text.utf8)
                let place = text.utf8.distance(from: text.utf8.startIndex, to: index)
                other[place] = other[place] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
                let recalled = process.credentials.recallKey(String(decoding: other, as: UTF8.self), at: now)
                #expect(recalled != .known(key))
            }
            #expect(process.credentials.recallKey(forged, at: now) == .absent)
            #expect(process.credentials.recallKey(text + "0", at: now) == .absent)
        }
    }

    @Test("a key that is not there is believed to be so for a second")
    func unknown() async throws {
        try await withProcess { house, process, database async throws in
            let text = APIKeyText(random: SystemRandomSource()).text.reveal()
            let uses = database.useCount
            for _ in 0..<3 { #expect(try await process.credentials.apiKey(text, at: house.clock.now) == nil) }
            #expect(database.useCount == uses + 1)
            house.clock.advance(by: .seconds(1))
            #expect(try await process.credentials.apiKey(text, at: house.clock.now) == nil)
            #expect(database.useCount == uses + 2)
        }
    }

    @Test("guessing reaches the store only so often in a second; known keys go on")
    func guessing() async throws {
        try await withProcess { house, process, database async throws in
            let (key, text) = try await house.addKey(["one:use"], process)
            #expect(try await process.credentials.apiKey(text, at: house.clock.now) == key)
            let uses = database.useCount
            var turnedAway = 0
            for _ in 0..<300 {
                do {
                    let guess = APIKeyText(random: SystemRandomSource()).text.reveal()
                    #expect(try await process.credentials.apiKey(guess, at: house.clock.now) == nil)
                } catch is Unavailable {
                    turnedAway += 1
                }
            }
            #expect(turnedAway == 100 && database.useCount == uses + 200)
            #expect(try await process.credentials.apiKey(text, at: house.clock.now) == key)
            house.clock.advance(by: .seconds(1))
            let guess = APIKeyText(random: SystemRandomSource()).text.reveal()
            #expect(try await process.credentials.apiKey(guess, at: house.clock.now) == nil)
        }
    }

    @Test("however many keys are made up, one that exists is known, also after a start and a change of roles")
    func knownUnderGuessing() async throws {
        try await withProcess { house, process, _ async throws in
            let (old, oldText) = try await house.addKey(["one:use"], process)
            // A second process, which has never seen the key.
            let other = try await house.process()
            func guess(_ process: AccessAdapters) async throws {
                for _ in 0..<250 {
                    let guess = APIKeyText(random: SystemRandomSource()).text.reveal()
                    _ = try? await process.credentials.apiKey(guess, at: house.clock.now)
                }
                let one = APIKeyText(random: SystemRandomSource()).text.reveal()
                await #expect(throws: Unavailable.self) {
                    try await process.credentials.apiKey(one, at: house.clock.now)
                }
            }
            try await guess(other)
            #expect(try await other.credentials.apiKey(oldText, at: house.clock.now) == old)
            other.credentials.apply([.roles])
            #expect(try await other.credentials.apiKey(oldText, at: house.clock.now) == old)
            let (new, newText) = try await house.addKey(["one:use"], process)
            try await process.work.write { try $0.changed(.apiKey(new.id), at: house.clock.now) }
            try await other.feed.read()
            #expect(try await other.credentials.apiKey(newText, at: house.clock.now) == new)
        }
    }

    @Test("a key that got another secret is known by both until the old one ends, from memory too")
    func rotated() async throws {
        try await withProcess { house, process, database async throws in
            let (key, old) = try await house.addKey(["one:use"], process)
            #expect(try await process.credentials.apiKey(old, at: house.clock.now) == key)
            let new = APIKeyText(random: SystemRandomSource(), prefix: key.prefix)
            var rotated = key
            rotated.rotate(
                to: process.digest.digest(of: new.secret.reveal()), overlap: .seconds(60), at: house.clock.now)
            let now = house.clock.now
            try await process.work.write { [rotated] context in
                try context.apiKeys.update(rotated)
                try context.changed(.apiKey(rotated.id), at: now)
            }
            let end = now + .seconds(60)
            for text in [old, new.text.reveal()] {
                #expect(try await process.credentials.apiKey(text, at: now) == rotated)
                #expect(process.credentials.recallKey(text, at: now) == .known(rotated))
            }
            let uses = database.useCount
            #expect(try await process.credentials.apiKey(old, at: now) == rotated && database.useCount == uses)
            #expect(try await process.credentials.apiKey(old, at: end) == nil)
            #expect(try await process.credentials.apiKey(new.text.reveal(), at: end) == rotated)
        }
    }

    @Test("an expired key opens nothing, from memory too")
    func expired() async throws {
        try await withProcess { house, process, _ async throws in
            let text = APIKeyText(random: SystemRandomSource())
            let end = house.clock.now + .milliseconds(500)
            let key = APIKey(
                id: house.identifiers.next(), name: "key", prefix: text.prefix,
                hash: process.digest.digest(of: text.secret.reveal()), owner: .user(AccessHouse.ana.value, in: nil),
                services: .none, scopes: .empty, createdAt: house.clock.now, expiresAt: end)
            try await process.work.write { try $0.apiKeys.insert(key) }
            #expect(try await process.credentials.apiKey(text.text.reveal(), at: house.clock.now) != nil)
            #expect(try await process.credentials.apiKey(text.text.reveal(), at: end) == nil)
        }
    }

    @Test("its use is noted once a minute, off the way of the request")
    func uses() async throws {
        try await withProcess { house, process, database async throws in
            let (key, text) = try await house.addKey(["one:use"], process)
            func lastUse() async throws -> Timestamp? {
                try await process.work.read { try $0.apiKeys.find(key.id)?.lastUsedAt }
            }
            let first = house.clock.now
            _ = try await process.credentials.apiKey(text, at: first)
            #expect(try await lastUse() == nil)
            try await house.useCases(process).recordFollowUps()
            #expect(try await lastUse() == first)
            house.clock.advance(by: .seconds(59))
            try await process.feed.read()
            _ = try await process.credentials.apiKey(text, at: house.clock.now)
            let before = database.useCount
            try await house.useCases(process).recordFollowUps()
            #expect(database.useCount == before)
            house.clock.advance(by: .seconds(1))
            _ = try await process.credentials.apiKey(text, at: house.clock.now)
            try await house.useCases(process).recordFollowUps()
            #expect(try await lastUse() == first + .seconds(60))
        }
    }

    @Test("without the store nobody new is known, and nobody is refused for it")
    func storeGone() async throws {
        try await withProcess { house, process, database async throws in
            let (_, text) = try await house.addKey(["one:use"], process)
            database.takeAway()
            await #expect(throws: Unavailable.self) {
                try await process.credentials.apiKey(text, at: house.clock.now)
            }
            database.takeAway(false)
            #expect(try await process.credentials.apiKey(text, at: house.clock.now) != nil)
        }
    }
}

/// CRC-32 (IEEE 802.3), bit by bit, in six base-62 digits.
private enum CRC32Reference {
    static func base62(of bytes: [UInt8]) -> [UInt8] {
        var crc: UInt32 = ~0
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        var rest = ~crc
        var text: [UInt8] = []
        for _ in 0..<6 {
            text.append(digits[Int(rest % 62)])
            rest /= 62
        }
        return text.reversed()
    }
}
