import AccountsApplication
import ChangeFeeds
import Crypto
import SQL
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

/// A process is a set of adapters of its own over the same database.
@Suite("Signing keys over time")
struct SigningKeysTests {
    private static let hour: Duration = .seconds(3_600)
    private static let tokenLifetime: Duration = .seconds(900)
    /// How often a process reads the keys.
    private static let reading: Duration = .seconds(30)

    private func sign(_ process: AccountsAdapters, _ house: AccountsHouse) throws -> String {
        let now = house.clock.now
        return try process.tokens.accessToken(
            for: Tokens.user, in: Tokens.session(expiresAt: now + .seconds(86_400)), at: now
        ).text.reveal()
    }

    private func isGood(_ token: String, _ process: AccountsAdapters, _ house: AccountsHouse) async throws -> Bool {
        try await process.tokens.claims(of: token, at: house.clock.now) != nil
    }

    private func publishes(_ process: AccountsAdapters, _ kid: String) -> Bool {
        String(decoding: process.keys.publicKeySet, as: UTF8.self).contains("\"\(kid)\"")
    }

    @Test("a new key is published at once and signs after an hour; the old one stays until its last token has expired")
    func rotation() async throws {
        try await withAccountsHouse { house in
            let process = try await house.adapters()
            let old = process.keys.current.kid
            let new = try await process.keys.rotate()
            #expect(process.keys.current.kid == old)
            #expect(publishes(process, old) && publishes(process, new))

            house.clock.advance(by: Self.hour - .milliseconds(1))
            try await process.keys.reload()
            #expect(process.keys.current.kid == old)
            let last = try sign(process, house)

            house.clock.advance(by: .milliseconds(1))
            try await process.keys.reload()
            #expect(process.keys.current.kid == new)
            #expect(try await isGood(last, process, house))

            // NumericDate counts whole seconds, down.
            house.clock.advance(by: Self.tokenLifetime - .seconds(2))
            try await process.keys.reload()
            #expect(publishes(process, old))
            #expect(try await isGood(last, process, house))

            house.clock.advance(by: Self.hour)
            try await process.keys.reload()
            #expect(!publishes(process, old))
            #expect(process.keys.verificationKey(old) == nil)
            #expect(process.keys.current.kid == new)
        }
    }

    @Test("a process that reads the keys late signs by the old one a little longer, and those tokens live their time")
    func lateProcess() async throws {
        try await withAccountsHouse { house in
            let (prompt, late) = (try await house.adapters(), try await house.adapters())
            _ = try await prompt.keys.rotate()
            house.clock.advance(by: Self.hour - .milliseconds(1))
            try await late.keys.reload()
            house.clock.advance(by: Self.reading)
            try await prompt.keys.reload()
            let token = try sign(late, house)
            house.clock.advance(by: Self.tokenLifetime - .seconds(1))
            try await prompt.keys.reload()
            #expect(try await isGood(token, prompt, house))
        }
    }

    @Test("keys are rotated by their age, once, however many processes look")
    func schedule() async throws {
        try await withAccountsHouse { house in
            let values = ["SIGNING_KEY_MAX_AGE": "30d"]
            let process = try await house.adapters(values)
            let others = [try await house.adapters(values), try await house.adapters(values)]
            let old = process.keys.current.kid
            house.clock.advance(by: .seconds(30 * 86_400) - .milliseconds(1))
            try await process.keys.rotateIfDue()
            #expect(try await house.count("signing_keys") == 1)
            house.clock.advance(by: .milliseconds(1))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for process in [process] + others {
                    for _ in 1...4 { group.addTask { try await process.keys.rotateIfDue() } }
                }
                try await group.waitForAll()
            }
            #expect(try await house.count("signing_keys") == 2)
            #expect(process.keys.current.kid == old)
            house.clock.advance(by: Self.hour)
            var kids: Set<String> = []
            for process in [process] + others {
                try await process.keys.reload()
                kids.insert(process.keys.current.kid)
            }
            #expect(kids.count == 1 && !kids.contains(old))
        }
    }

    @Test("another algorithm signs from the next start on; tokens of the old one live their time")
    func otherAlgorithm() async throws {
        try await withAccountsHouse { house in
            let token = try sign(try await house.adapters(), house)
            for algorithm in ["EdDSA", "RS256", "HS256"] {
                house.clock.advance(by: .seconds(60))
                let process = try await house.adapters(["ALGORITHM": algorithm])
                #expect(process.keys.current.algorithm.rawValue == algorithm)
                #expect(try await isGood(token, process, house))
                #expect(try await isGood(try sign(process, house), process, house))
            }
            // HS256 has a key pair beside it.
            #expect(try await house.count("signing_keys") == 5)
            house.clock.advance(by: .seconds(60))
            let back = try await house.adapters(["ALGORITHM": "ES256"])
            #expect(back.keys.current.algorithm == .es256 && back.keys.current.kid == back.keys.shared?.kid)
        }
    }

    @Test("a given key signs at once and is not rotated by its age")
    func given() async throws {
        try await withAccountsHouse { house in
            let token = try sign(try await house.adapters(["ALGORITHM": "HS256"]), house)
            house.clock.advance(by: .seconds(60))
            let values = ["ALGORITHM": "HS256", "ACCESS_SECRET_KEY": String(repeating: "s", count: 40)]
            let process = try await house.adapters(values)
            let kid = process.keys.current.kid
            #expect(try await isGood(token, process, house))
            house.clock.advance(by: .seconds(1_000 * 86_400))
            try await process.keys.rotateIfDue()
            #expect(try await house.count("signing_keys") == 4)
            #expect(try await house.adapters(values).keys.current.kid == kid)
        }
    }

    @Test("with HS256 what others verify is signed by a published key pair, which comes and goes with the key")
    func keyPair() async throws {
        try await withAccountsHouse { house in
            let hs256 = ["ALGORITHM": "HS256"]
            let process = try await house.adapters(hs256)
            let first = try #require(process.keys.shared)
            #expect(process.keys.current.algorithm == .hs256 && first.algorithm == .es256)
            #expect(publishes(process, first.kid) && !publishes(process, process.keys.current.kid))
            #expect(try await house.adapters(hs256).keys.shared?.kid == first.kid)

            _ = try await process.keys.rotate()
            #expect(process.keys.shared?.kid == first.kid)
            #expect(try await house.count("signing_keys") == 4)
            house.clock.advance(by: Self.hour)
            try await process.keys.reload()
            let second = try #require(process.keys.shared)
            #expect(second.kid != first.kid && second.algorithm == .es256 && process.keys.current.algorithm == .hs256)

            #expect(try await process.keys.revoke(second.kid))
            let third = try #require(process.keys.shared)
            #expect(third.algorithm == .es256 && third.kid != second.kid)
            #expect(process.keys.current.algorithm == .hs256)
        }
    }

    @Test("a process publishes a key that another one made after its next look")
    func rotationElsewhere() async throws {
        try await withAccountsHouse { house in
            let (one, other) = (try await house.adapters(), try await house.adapters())
            try await other.feed.read()
            let kid = try await one.keys.rotate()
            #expect(!publishes(other, kid))
            try await other.keys.reloadIfChanged()
            #expect(publishes(other, kid))
        }
    }

    @Test("a revoked key ends at once, with its tokens that are cached, in every process")
    func revocation() async throws {
        try await withAccountsHouse { house in
            let (one, other) = (try await house.adapters(), try await house.adapters())
            try await other.feed.read()
            let token = try sign(one, house)
            for process in [one, other] { #expect(try await isGood(token, process, house)) }
            let kid = one.keys.current.kid
            #expect(try await one.keys.revoke(kid))
            try await one.feed.read()
            #expect(try await !isGood(token, one, house))
            #expect(!publishes(one, kid))
            #expect(one.keys.current.kid != kid)
            try await other.feed.read()
            try await other.keys.reloadIfChanged()
            #expect(try await !isGood(token, other, house))
            #expect(other.keys.current.kid == one.keys.current.kid)
            #expect(try await isGood(try sign(one, house), other, house))
            for name in [kid, "unknown"] { #expect(try await one.keys.revoke(name) == false) }
        }
    }

    @Test("revoking a key before it signs leaves the one that signs, for as long as there is no other")
    func revokesNext() async throws {
        try await withAccountsHouse { house in
            let process = try await house.adapters()
            let old = process.keys.current.kid
            let next = try await process.keys.rotate()
            house.clock.advance(by: .seconds(3_000))
            #expect(try await process.keys.revoke(next))
            try await process.keys.rotateIfDue()
            house.clock.advance(by: .seconds(1_400))
            let token = try sign(process, house)
            house.clock.advance(by: .seconds(600))
            let restarted = try await house.adapters()
            #expect(restarted.keys.current.kid == old)
            #expect(try await isGood(token, restarted, house))
        }
    }

    @Test("revoking the key that signs brings the one before back, for as long as there is no other")
    func revokesCurrent() async throws {
        try await withAccountsHouse { house in
            let process = try await house.adapters()
            let old = process.keys.current.kid
            let new = try await process.keys.rotate()
            house.clock.advance(by: Self.hour)
            try await process.keys.reload()
            #expect(try await process.keys.revoke(new))
            #expect(process.keys.current.kid == old)
            let token = try sign(process, house)
            house.clock.advance(by: Self.tokenLifetime - .seconds(1))
            try await process.keys.rotateIfDue()
            #expect(try await isGood(token, try await house.adapters(), house))
            house.clock.advance(by: Self.hour)
            #expect(try await house.adapters().keys.current.kid == old)
        }
    }

    @Test("a token of a key that another process just made is good, also if many such come at once")
    func unknownKey() async throws {
        try await withAccountsHouse { house in
            let (one, other) = (try await house.adapters(), try await house.adapters())
            #expect(try await one.keys.revoke(one.keys.current.kid))
            house.clock.advance(by: .seconds(1))
            let tokens = try (1...50).map { _ in try sign(one, house) }
            let good = try await withThrowingTaskGroup(of: Bool.self) { group in
                for token in tokens { group.addTask { try await isGood(token, other, house) } }
                var good = 0
                for try await isGood in group where isGood { good += 1 }
                return good
            }
            #expect(good == tokens.count)
        }
    }

    @Test("tokens with made-up keys read the keys again at most once a second")
    func madeUpKeys() async throws {
        try await withAccountsHouse { house in
            let (one, other) = (try await house.adapters(), try await house.adapters())
            house.clock.advance(by: .seconds(1))
            let stranger = try PrivateSigningKey.generate(.es256)
            let forged = try JWT.sign(claims: Array("{}".utf8), type: "at+jwt", kid: stranger.kid, with: stranger)
            #expect(try await !isGood(forged, other, house))
            #expect(try await one.keys.revoke(one.keys.current.kid))
            let token = try sign(one, house)
            house.clock.advance(by: .milliseconds(999))
            #expect(try await other.keys.reloadForUnknownKey() == false)
            house.clock.advance(by: .milliseconds(1))
            #expect(try await isGood(token, other, house))
        }
    }

    @Test("keys that an older master key encrypted are read while it is listed behind the new one")
    func masterKeyRotation() async throws {
        try await withAccountsHouse { house in
            let kid = try await house.adapters().keys.current.kid
            let keys = [2, 1].map { Secret([UInt8](repeating: $0, count: MasterKey.byteCount)) }
            #expect(try await house.adapters(masterKey: try MasterKey(keys: keys)).keys.current.kid == kid)
        }
    }
}
