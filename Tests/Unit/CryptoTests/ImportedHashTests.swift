import Crypto
import Lifecycle
import Shared
import Testing

@Suite("Hashes from elsewhere", .timeLimit(.minutes(5)))
struct ImportedHashTests {
    private func hashing() throws -> PasswordHashing {
        try PasswordHashing(
            cost: #require(Argon2Cost(memory: .kibibytes(8), iterations: 1)), concurrency: 1, queueLimit: 10)
    }

    @Test("of every format verify their password and no other, and need renewal", arguments: ImportedHashVectors.ascii)
    func verify(hash: String) async throws {
        let hashing = try hashing()
        let password = Array("correct horse".utf8)
        #expect(try await hashing.verify(password, against: hash))
        for wrong in [Array("correct horsf".utf8), password + [0x20], password + [0], Array(password.dropLast()), []] {
            #expect(try await !hashing.verify(wrong, against: hash))
        }
        #expect(hashing.needsRenewal(hash))
        try PasswordHashing.checkImport(hash)
    }

    @Test("are of the bytes as they are, not of a normal form", arguments: ImportedHashVectors.unicode)
    func unicode(hash: String) async throws {
        let hashing = try hashing()
        let password = ImportedHashVectors.unicodePassword
        #expect(try await hashing.verify(password, against: hash))
        // The same text with its first accent decomposed.
        #expect(try await !hashing.verify(Array("Pa\u{308}sswort\u{301} \u{43D}\u{430}".utf8), against: hash))
    }

    @Test("of bcrypt are of the first 72 bytes, whatever the length of the password")
    func longBcrypt() async throws {
        let hashing = try hashing()
        let hash = ImportedHashVectors.longest
        for count in [72, 73, 1_024] {
            #expect(try await hashing.verify([UInt8](repeating: 0x61, count: count), against: hash))
        }
        #expect(try await !hashing.verify([UInt8](repeating: 0x61, count: 71), against: hash))
    }

    @Test("may be of the empty password and have an empty salt", arguments: ImportedHashVectors.empty)
    func empty(hash: String) async throws {
        let hashing = try hashing()
        #expect(try await hashing.verify([], against: hash))
        #expect(try await !hashing.verify([0x61], against: hash))
        #expect(try await !hashing.verify([0], against: hash))
    }

    @Test("whose last character of the salt has bits that do not count verify all the same")
    func uncleanSalt() async throws {
        // The 22nd character of the salt holds two bits of it; `.` and `/` differ only in the other four.
        let hash = "$2a$04$Ga4hzSudusTzgsA8HzGvB.bJ0Im.rjGMnzE.amOX/iKhZ1g8lR752"
        let unclean = "$2a$04$Ga4hzSudusTzgsA8HzGvB/bJ0Im.rjGMnzE.amOX/iKhZ1g8lR752"
        let hashing = try hashing()
        for hash in [hash, unclean] {
            #expect(try await hashing.verify(Array("correct horse".utf8), against: hash))
        }
    }

    private static let key = "M/ccGBU46wgt+XJzma9M+h4gdT4g+KBXZS2NrokTL64"
    private static let salt = "c2FsdHNhbHQ"
    private static let bcrypt = "uguAzfRVf.xfB9f4uySFtOdeSIffswfy62/Ei7JOWRgvIHV8VxJs."

    @Test(
        "that are damaged are refused with the format's name",
        arguments: [
            ("$2b$04$\(bcrypt)x", .bcrypt), ("$2b$04$\(bcrypt.dropLast())", .bcrypt),
            ("$2b$04$\(bcrypt.dropLast())!", .bcrypt), ("$2b$4$\(bcrypt)a", .bcrypt), ("$2b$+4$\(bcrypt)", .bcrypt),
            ("$2b$03$\(bcrypt)", .bcrypt), ("$2b$$", .bcrypt),
            ("$scrypt$ln=8,r=8,p=1$c2FsdA$", .scrypt), ("$scrypt$ln=8,r=8,p=1$c2FsdA$c2hvcnQ", .scrypt),
            ("$scrypt$ln=8,p=1,r=8$c2FsdA$\(key)", .scrypt), ("$scrypt$ln=0,r=8,p=1$c2FsdA$\(key)", .scrypt),
            ("$scrypt$ln=8,r=-8,p=1$c2FsdA$\(key)", .scrypt), ("$scrypt$ln=16,r=1,p=1$c2FsdA$\(key)", .scrypt),
            ("$scrypt$ln=8,r=8,p=1$c2FsdA$\(key)==", .scrypt), ("$scrypt$ln=8,r=8,p=1$c2FsdA$\(key)$x", .scrypt),
            ("$scrypt$ln=16383,r=8,p=1$c2FsdA$\(key)", .scrypt),
            ("$7$", .scrypt), ("$7$66..../....salt$short", .scrypt), ("$7$66..../....", .scrypt),
            ("$7$66..../....LHq5T0WwVxk3PzmA$EwJZVQGlmZZ8ROs0WMj30ARLKY85bf0OV3iFcRDSfzz", .scrypt),
            ("pbkdf2_sha256$1500$salt$", .pbkdf2), ("pbkdf2_sha256$0$salt$\(key)=", .pbkdf2),
            ("pbkdf2_sha256$01$salt$\(key)=", .pbkdf2), ("pbkdf2_sha256$1e3$salt$\(key)=", .pbkdf2),
            ("pbkdf2_sha256$1500$salt$\(key)", .pbkdf2), ("pbkdf2_sha256$1500$salt$\(key)=$x", .pbkdf2),
            ("$pbkdf2-sha256$1000$c2FsdA$c2hvcnQ", .pbkdf2), ("$pbkdf2-sha256$i=9,l=16$c2FsdA$\(key)", .pbkdf2),
            ("$pbkdf2-sha256$n=9$c2FsdA$\(key)", .pbkdf2), ("$argon2id$v=19$m=8,t=1$c2FsdA$\(key)", .argon2),
            ("$argon2id$v=19$m=8,t=1,p=4$\(salt)$\(key)", .argon2),
            ("$argon2id$v=19$m=4,t=1,p=1$\(salt)$\(key)", .argon2),
            ("$argon2id$v=19$m=4096,t=1,p=1$YWJj$\(key)", .argon2),
            ("$argon2id$v=19$m=4096,t=1,p=1$\(salt)$c2hvcnQ", .argon2),
            ("$wp$2y$04$short", .bcrypt), ("bcrypt_sha256$$2b$04$short", .bcrypt),
        ] as [(String, PasswordHashFormat)])
    func damaged(hash: String, format: PasswordHashFormat) async throws {
        #expect(throws: PasswordHashProblem.damaged(format)) { try PasswordHashing.checkImport(hash) }
        let hashing = try hashing()
        await #expect(throws: InternalFailure.self) { try await hashing.verify([0x61], against: hash) }
    }

    @Test(
        "that ask for too much time or memory are refused",
        arguments: [
            ("$2b$16$\(bcrypt)", .bcrypt), ("$2b$99$\(bcrypt)", .bcrypt),
            ("$scrypt$ln=19,r=8,p=1$c2FsdA$\(key)", .scrypt), ("$scrypt$ln=63,r=8,p=1$c2FsdA$\(key)", .scrypt),
            ("$scrypt$ln=17,r=8,p=5$c2FsdA$\(key)", .scrypt),
            ("$scrypt$ln=1,r=4294967295,p=4294967295$c2FsdA$\(key)", .scrypt),
            ("$7$zzzzzzzzzzzsalt$EwJZVQGlmZZ8ROs0WMj30ARLKY85bf0OV3iFcRDSfz.", .scrypt),
            ("pbkdf2_sha256$2000001$salt$\(key)=", .pbkdf2), ("pbkdf2_sha512$750001$salt$\(key)=", .pbkdf2),
            ("$pbkdf2-sha512$4294967295$c2FsdA$\(key)", .pbkdf2),
            ("$argon2id$v=19$m=262145,t=1,p=1$c2FsdHNhbHQ$\(key)", .argon2),
            ("$argon2id$v=19$m=65536,t=17,p=1$c2FsdHNhbHQ$\(key)", .argon2),
            ("$argon2id$v=19$m=4294967295,t=4294967295,p=1$c2FsdHNhbHQ$\(key)", .argon2),
        ] as [(String, PasswordHashFormat)])
    func tooCostly(hash: String, format: PasswordHashFormat) {
        #expect(throws: PasswordHashProblem.tooCostly(format)) { try PasswordHashing.checkImport(hash) }
    }

    @Test(
        "at the bounds are taken",
        arguments: [
            "$2b$15$\(bcrypt)", "$scrypt$ln=18,r=8,p=1$c2FsdA$\(key)", "$scrypt$ln=17,r=8,p=4$c2FsdA$\(key)",
            "pbkdf2_sha256$2000000$salt$\(key)=", "pbkdf2_sha512$750000$salt$\(key)=",
            "$argon2id$v=19$m=262144,t=4,p=4$c2FsdHNhbHQ$\(key)",
        ])
    func bounds(hash: String) throws {
        try PasswordHashing.checkImport(hash)
    }

    @Test(
        "that the import takes verify without a failure, whatever they ask for",
        arguments: [8, 16, 64], [1, 2, 8])
    func taken(kibibytes: Int, lanes: Int) async throws {
        let hashing = try hashing()
        for algorithm in ["argon2id", "argon2i"] {
            for (salt, key) in [(8, 16), (16, 32), (128, 128), (9, 17)] {
                let parts = [salt, key].map { String(repeating: "QUFB", count: $0 / 3) + ["", "QQ", "QUE"][$0 % 3] }
                let hash = "$\(algorithm)$v=19$m=\(kibibytes),t=1,p=\(lanes)$\(parts[0])$\(parts[1])"
                guard (try? PasswordHashing.checkImport(hash)) != nil else {
                    #expect(kibibytes < 8 * lanes)
                    continue
                }
                #expect(try await !hashing.verify(Array("correct horse".utf8), against: hash))
            }
        }
    }

    @Test(
        "of which each comparison takes half a second or more are told apart",
        arguments: [
            ("$2b$12$\(bcrypt)", false), ("$2b$13$\(bcrypt)", true), ("pbkdf2_sha256$999999$salt$\(key)=", false),
            ("pbkdf2_sha256$1000000$salt$\(key)=", true), ("$scrypt$ln=16,r=8,p=1$c2FsdA$\(key)", false),
            ("$scrypt$ln=17,r=8,p=1$c2FsdA$\(key)", true), ("$argon2id$v=19$m=65536,t=3,p=4$\(salt)$\(key)", false),
            ("$argon2id$v=19$m=65536,t=4,p=4$\(salt)$\(key)", true),
        ] as [(String, Bool)])
    func costly(hash: String, isCostly: Bool) throws {
        #expect(try PasswordHashing.checkImport(hash) == isCostly)
    }

    @Test("of bcrypt stand for the first 72 bytes of a password, the others for the whole of it")
    func whole() {
        let (short, long) = ([UInt8](repeating: 0x61, count: 72), [UInt8](repeating: 0x61, count: 73))
        for hash in ["$2b$04$\(Self.bcrypt)", "{bcrypt}$2b$04$\(Self.bcrypt)", "bcrypt$$2b$04$\(Self.bcrypt)"] {
            #expect(PasswordHashing.isOfWhole(short, hash) && !PasswordHashing.isOfWhole(long, hash))
        }
        for hash in [
            "bcrypt_sha256$$2b$04$\(Self.bcrypt)", "$wp$2y$04$\(Self.bcrypt)",
            "pbkdf2_sha256$1500$salt$\(Self.key)=",
        ] {
            #expect(PasswordHashing.isOfWhole(long, hash))
        }
    }

    @Test("that need much memory, but not too much, verify")
    func muchMemory() async throws {
        // 128 MiB, OWASP's first recommendation; the key is of another password.
        let hash = "$scrypt$ln=17,r=8,p=1$c2FsdA$\(Self.key)"
        #expect(try await !hashing().verify(Array("correct horse".utf8), against: hash))
    }

    @Test(
        "of no known format are refused",
        arguments: [
            "", "secret", "5f4dcc3b5aa765d61d8327deb882cf99", "{SSHA}abcdefgh", "$1$salt$hash", "$6$salt$hash",
            "$2x$04$\(bcrypt)", "$2$04$\(bcrypt)", "$y$j9T$salt$hash", "$pbkdf2$1000$c2FsdA$\(key)",
            "pbkdf2_sha1$1000$salt$\(key)=", "sha1$salt$hash", "$argon2d$v=19$m=8,t=1,p=1$c2FsdA$\(key)",
            "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$\(key)\u{0}", "$2b$04$\(bcrypt)\n", "\u{FF04}2b$04$\(bcrypt)",
        ])
    func unknown(hash: String) {
        #expect(throws: PasswordHashProblem.unknownFormat) { try PasswordHashing.checkImport(hash) }
    }

    @Test("are refused in words that do not repeat them")
    func words() {
        #expect(
            PasswordHashProblem.unknownFormat.description
                == "is of no known format (Argon2id, bcrypt, scrypt or PBKDF2)")
        #expect(PasswordHashProblem.damaged(.pbkdf2).description == "is not a readable PBKDF2 hash")
        #expect(
            PasswordHashProblem.tooCostly(.bcrypt).description
                == "asks for more work or memory than a bcrypt hash may")
    }
}
