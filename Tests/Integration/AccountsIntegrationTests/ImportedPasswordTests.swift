import AccountsApplication
import AccountsDomain
import AccountsDoubles
import AccountsPortSuites
import Crypto
import HTTP
import HTTPSupport
import JSON
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("A password that was imported")
struct ImportedPasswordTests {
    /// Of `correct horse`, by PyPI's bcrypt.
    private static let bcrypt = "$2b$04$uguAzfRVf.xfB9f4uySFtOdeSIffswfy62/Ei7JOWRgvIHV8VxJs."
    private static let composed = "Z\u{FC}rich 2024"
    private static let decomposed = "Zu\u{308}rich 2024"

    @Test("signs its owner in, and has a hash of ours from then on")
    func renewal() async throws {
        try await withAccountsHouse { house in
            let email = try #require(EmailAddress("ana@example.com"))
            let importUsers = ImportUsersService(work: house.work, clock: house.clock, identifiers: house.identifiers)
            let user = ImportedUser(email: email, passwordHash: Secret(Self.bcrypt), isVerified: true)
            _ = try await importUsers([user], by: nil)
            let client = RESTClient(try await house.routes())
            func storedHash() async throws -> String? {
                try await house.work.read { try $0.users.find(email: email)?.user.passwordHash }
            }
            func signIn(_ password: String) async -> Int {
                await client.post("/login", ["email": "ana@example.com", "password": .string(password)]).status
            }
            #expect(await signIn("correct horsf") == 401)
            #expect(try await storedHash() == Self.bcrypt)
            #expect(await signIn("correct horse") == 200)
            let renewed = try #require(try await storedHash())
            #expect(!house.hasher.needsRenewal(renewed, provedBy: Secret("correct horse")))
            #expect(await signIn("correct horsf") == 401)
            #expect(await signIn("correct horse") == 200)
            #expect(try await storedHash() == renewed)
        }
    }

    @Test(
        "is right as it was typed, and in normal form C",
        arguments: [
            // By PyPI's bcrypt: of the composed and of the decomposed text.
            ("$2b$04$NvxGlrtUvkURd9xgdwH2uuOoZ.MlV69oibm4hTUQFhyMZt.zeCbmq", [composed, decomposed]),
            ("$2b$04$g.aPBO/jsknHi7ATkL4kn.ZYZIkBgWSiHYiYwXJ5mTZFKVstDtywO", [decomposed]),
            // By PyPI's argon2-cffi at exactly the cost of our own.
            (
                "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQxMjM0NTY3OA$l/xIM+LS6eTcS/miQVa0UfWmhjTR+MZY0KcHZ3umtMc",
                [decomposed]
            ),
        ])
    func forms(hash: String, right: [String]) async throws {
        let hasher = Argon2PasswordHasher(hashing: try Self.hashing(), placeSecret: Secret([1]))
        for text in [Self.composed, Self.decomposed] {
            // Compared by bytes: for Swift's strings both are equal.
            let isRight = right.contains { Array($0.utf8) == Array(text.utf8) }
            #expect(try await hasher.verify(Secret(text), against: hash) == isRight)
        }
        #expect(try await !hasher.verify(Secret("Zurich 2024"), against: hash))
    }

    @Test("of which bcrypt saw only the beginning keeps its hash: its end may be mistyped")
    func longPassword() async throws {
        let hash = "$2b$04$pUDtHD0EYimVZwmmmUZlJ.lVU36ihKIolWc1wnRVB2ZXPRTxN1vra"
        let hasher = Argon2PasswordHasher(hashing: try Self.hashing(), placeSecret: Secret([1]))
        for tail in ["-my-tail", "-my-tali"] {
            let typed = Secret(String(repeating: "a", count: 72) + tail)
            #expect(try await hasher.verify(typed, against: hash))
            #expect(!hasher.needsRenewal(hash, provedBy: typed))
        }
        #expect(hasher.needsRenewal(hash, provedBy: Secret(String(repeating: "a", count: 72))))
    }

    @Test("whose hash nothing can match is refused as any wrong one")
    func unreadable() async throws {
        let hash = "$argon2id$v=19$m=8,t=1,p=4$c2FsdHNhbHQ$M/ccGBU46wgt+XJzma9M+h4gdT4g+KBXZS2NrokTL64"
        let hasher = Argon2PasswordHasher(hashing: try Self.hashing(), placeSecret: Secret([1]))
        #expect(try await !hasher.verify(Secret("correct horse"), against: hash))
    }

    @Test("and one of ours are the same in every Unicode form, because the new hash is of normal form C")
    func newForm() async throws {
        let hasher = Argon2PasswordHasher(hashing: try Self.hashing(), placeSecret: Secret([1]))
        let hash = try await hasher.hash(Secret(Self.decomposed))
        #expect(try await hasher.verify(Secret(Self.composed), against: hash))
        #expect(try await hasher.verify(Secret(Self.decomposed), against: hash))
    }

    @Test("behaves as every old hash with Argon2", arguments: PasswordHasherBehaviour.renewal(oldHash: bcrypt))
    func argon2(_ behaviour: PasswordHasherBehaviour) async throws {
        try await behaviour.check(Argon2PasswordHasher(hashing: try Self.hashing(), placeSecret: Secret([1])))
    }

    @Test(
        "behaves as every old hash with the double",
        arguments: PasswordHasherBehaviour.renewal(oldHash: PasswordHasherDouble.oldHash(of: "correct horse")))
    func double(_ behaviour: PasswordHasherBehaviour) async throws {
        try await behaviour.check(PasswordHasherDouble())
    }

    private static func hashing() throws -> PasswordHashing {
        try PasswordHashing(
            cost: try #require(Argon2Cost(memory: .kibibytes(8), iterations: 1)), concurrency: 1, queueLimit: 10)
    }
}
