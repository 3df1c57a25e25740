import AccountsApplication
import AccountsContract
import Crypto
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("The cache of verified tokens")
struct VerifiedTokenCacheTests {
    private func entry(_ number: UInt64) -> VerifiedTokenCache.Entry {
        VerifiedTokenCache.Entry(
            claims: AccessTokenClaims(
                userID: UserID(SequentialIdentifiers.identifier(number)),
                sessionID: SessionID(SequentialIdentifiers.identifier(number))),
            kid: "k", expiresAt: Timestamp(seconds: 1_790_000_000))
    }

    private func token(_ number: UInt64) -> String { "header.payload.\(SequentialIdentifiers.identifier(number))" }

    @Test("gives back what was put in, by its whole text")
    func finds() {
        let cache = VerifiedTokenCache(capacity: 10)
        cache.insert(entry(1), token(1))
        #expect(cache.find(token(1))?.claims == entry(1).claims)
        #expect(cache.find(token(2)) == nil)
        cache.removeAll()
        #expect(cache.find(token(1)) == nil)
    }

    @Test("never holds more than its capacity, whatever comes", arguments: [1, 2, 10, 101])
    func bounded(_ capacity: Int) {
        let cache = VerifiedTokenCache(capacity: capacity)
        for number in 1...500 as ClosedRange<UInt64> { cache.insert(entry(number), token(number)) }
        let kept = (1...500 as ClosedRange<UInt64>).filter { cache.holds(token($0)) }
        #expect(kept.count <= max(2, capacity))
        #expect(kept.last == 500)
    }

    @Test("never holds more bytes than it may, but for the last one")
    func boundedBytes() {
        let cache = VerifiedTokenCache(capacity: 1_000, bytes: ByteCount(bytes: 10_000))
        let tokens = (0..<100).map { number in String(repeating: "a", count: 1_000) + "\(100 + number)" }
        for token in tokens { cache.insert(entry(1), token) }
        #expect(tokens.count { cache.holds($0) } <= 12)
        #expect(cache.holds(tokens[99]))
    }

    @Test("tokens with one end are told apart, and one that is a part of another")
    func ends() {
        let cache = VerifiedTokenCache(capacity: 10)
        cache.insert(entry(1), "aaaa.bbbb.cccccccccccccccc")
        cache.insert(entry(2), "aaaa.dddd.cccccccccccccccc")
        #expect(cache.find("aaaa.bbbb.cccccccccccccccc")?.claims == entry(1).claims)
        #expect(cache.find("aaaa.dddd.cccccccccccccccc")?.claims == entry(2).claims)
        let kelvin = "K.bbbb.cccccccccccccccc"
        cache.insert(entry(3), kelvin)
        let others = [
            "aaaa.eeee.cccccccccccccccc", "cccccccccccccccc", "c", "", "\u{212A}.bbbb.cccccccccccccccc",
        ]
        for other in others { #expect(cache.find(other) == nil) }
    }

    @Test("a token in use stays while thousands of others pass")
    func inUse() {
        let cache = VerifiedTokenCache(capacity: 100)
        cache.insert(entry(1), token(1))
        for number in 2...5_000 as ClosedRange<UInt64> {
            cache.insert(entry(number), token(number))
            if number.isMultiple(of: 25) { #expect(cache.find(token(1)) != nil) }
        }
    }

    @Test("a hit is checked again: its time, and whether its key still counts")
    func hits() async throws {
        try await withAccountsHouse { house in
            let process = try await house.adapters()
            let now = house.clock.now
            let text = try process.tokens.accessToken(
                for: Tokens.user, in: Tokens.session(expiresAt: now + .seconds(86_400)), at: now
            ).text.reveal()
            for _ in 1...2 { #expect(try await process.tokens.claims(of: text, at: now) != nil) }
            #expect(try await process.tokens.claims(of: text, at: now + .milliseconds(899_999)) != nil)
            #expect(try await process.tokens.claims(of: text, at: now + .seconds(900)) == nil)
            #expect(try await process.tokens.claims(of: text + "A", at: now) == nil)
            #expect(try await process.keys.revoke(process.keys.current.kid))
            #expect(try await process.tokens.claims(of: text, at: now) == nil)
        }
    }
}

extension VerifiedTokenCache {
    /// Whether it is there; every look of a test counts as a use, so the order of looks matters to nothing else.
    fileprivate func holds(_ token: String) -> Bool { find(token) != nil }
}
