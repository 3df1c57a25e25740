import Crypto
import Lifecycle
import Shared
import Testing

@Suite("Password hashing", .timeLimit(.minutes(5)))
struct PasswordHashingTests {
    private static let cheap = Argon2Cost(memory: .kibibytes(8), iterations: 1)
    private let password = Array("correct horse".utf8)

    private func hashing(cost: Argon2Cost? = cheap) throws -> PasswordHashing {
        try PasswordHashing(cost: #require(cost), concurrency: 1, queueLimit: 10)
    }

    @Test("the right password verifies and a wrong one does not")
    func verify() async throws {
        let hashing = try hashing()
        let hash = try await hashing.hash(password)
        #expect(try await hashing.verify(password, against: hash))
        for wrong in [Array("correct horsf".utf8), password + [0], Array(password.dropLast()), []] {
            #expect(try await !hashing.verify(wrong, against: hash))
        }
    }

    @Test("U+0000 does not cut a password, and the empty one is like any other")
    func oddPasswords() async throws {
        let hashing = try hashing()
        let hash = try await hashing.hash([1, 0, 2])
        #expect(try await hashing.verify([1, 0, 2], against: hash))
        #expect(try await !hashing.verify([1, 0, 3], against: hash))
        let empty = try await hashing.hash([])
        #expect(try await hashing.verify([], against: empty))
        #expect(try await !hashing.verify([0], against: empty))
    }

    @Test("a hash says the configured cost and has a salt of its own")
    func parameters() async throws {
        let cost = Argon2Cost(memory: .kibibytes(64), iterations: 3)
        let hashing = try hashing(cost: cost)
        let hash = try await hashing.hash(password)
        #expect(hash.hasPrefix("$argon2id$v=19$m=64,t=3,p=1$"))
        #expect(try await hashing.hash(password) != hash)
    }

    @Test("only a hash of another algorithm or cost needs renewal")
    func renewal() async throws {
        let hashing = try hashing()
        let hash = try await hashing.hash(password)
        #expect(!hashing.needsRenewal(hash))
        let others = [
            (8, 2, 1, "argon2id"), (16, 1, 1, "argon2id"), (8, 1, 4, "argon2id"), (8, 1, 1, "argon2i"),
        ]
        for (memory, iterations, lanes, algorithm) in others {
            let other = "$\(algorithm)$v=19$m=\(memory),t=\(iterations),p=\(lanes)$c2FsdHNhbHQ$aGFzaGhhc2g"
            #expect(hashing.needsRenewal(other))
        }
        #expect(hashing.needsRenewal("$2b$10$abcdefghijklmnopqrstuv"))
        #expect(hashing.needsRenewal(""))
    }

    @Test(
        "hashes that another implementation made verify, whatever their lanes, salt and digest",
        arguments: [
            "$argon2id$v=19$m=256,t=2,p=4$MDEyMzQ1Njc4OWFiY2RlZg$3IOKEz0evDjufmrtGGNgNufbduVIZHKjxzAPDwxI0l4",
            "$argon2id$v=19$m=64,t=3,p=1$ZmVkY2JhOTg3NjU0MzIxMA$GxFC5gN+EN7Ge2w63RJvabJiQI+8bQcnF6t5oY06BCQ",
            "$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHQ$NVfNdhy9WZHD7IiIOZATgw",
            "$argon2i$v=19$m=64,t=3,p=1$ZmVkY2JhOTg3NjU0MzIxMA$s+vv3Y8J7VWCwyDm9UI7UIe/JCXfj4aZLdTl5yqYki8",
        ])
    func foreignHash(hash: String) async throws {
        let hashing = try hashing()
        #expect(try await hashing.verify(password, against: hash))
        #expect(try await !hashing.verify(Array("correct-horse".utf8), against: hash))
        #expect(hashing.needsRenewal(hash))
    }

    @Test(
        "a stored hash that is damaged or asks for too much is a failure, not a wrong password",
        arguments: [
            "", "secret", "$2b$10$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=8,t=1,p=1$", "$argon2id$v=19$m=8,t=1$a$b",
            "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$", "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$****",
            "$argon2d$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
            "$argon2id$v=16$m=8,t=1,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
            "$argon2id$v=19$m=8,t=1,p=0$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
            "$argon2id$v=19$m=4194305,t=1,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
            "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA\u{0}",
        ])
    func damagedHash(hash: String) async throws {
        let hashing = try hashing()
        let password = password
        await #expect(throws: InternalFailure.self) { try await hashing.verify(password, against: hash) }
    }

    @Test("verifying against nothing does a whole verification and matches nobody")
    func nothing() async throws {
        let hashing = try hashing()
        // A dummy that libsodium could not read would throw here instead of costing time.
        try await hashing.verifyAgainstNothing(password)
    }

    @Test("a full queue is Unavailable for every operation")
    func full() async throws {
        let workers = try WorkerThreads(resource: "password_hashing", count: 1, waitingMax: 0)
        let hashing = try PasswordHashing(cost: #require(Self.cheap), workers: workers)
        let password = password
        let hash = try await hashing.hash(password)
        let blockade = Blockade()
        let holder = Task.immediate { try await workers.run { blockade.hold() } }
        await blockade.began.wait()
        let refusal = await #expect(throws: Unavailable.self) { try await hashing.hash(password) }
        #expect(refusal?.resource == "password_hashing")
        #expect(refusal.map { $0.retryAfter > .zero } == true)
        await #expect(throws: Unavailable.self) { try await hashing.verify(password, against: hash) }
        await #expect(throws: Unavailable.self) { try await hashing.verifyAgainstNothing(password) }
        blockade.release()
        try await holder.value
        #expect(try await hashing.verify(password, against: hash))
    }

    @Test("as a service it ends when asked: what waits and what comes is Unavailable")
    func shutdown() async throws {
        let workers = try WorkerThreads(resource: "password_hashing", count: 1, waitingMax: 5)
        let hashing = try PasswordHashing(cost: #require(Self.cheap), workers: workers)
        let password = password
        let lifecycle = ServiceLifecycle()
        let service = Task { await hashing.run(lifecycle) }
        let blockade = Blockade()
        let holder = Task.immediate { try await workers.run { blockade.hold() } }
        await blockade.began.wait()
        let waiting = Task.immediate { try await hashing.hash(password) }
        lifecycle.requestShutdown(deadline: .now + .seconds(30))
        await #expect(throws: Unavailable.self) { try await waiting.value }
        blockade.release()
        try await holder.value
        await service.value
        await #expect(throws: Unavailable.self) { try await hashing.hash(password) }
    }

    @Test("a cost outside of what libsodium and we allow is not made")
    func costs() {
        #expect(Argon2Cost(memory: .kibibytes(8), iterations: 1) != nil)
        #expect(Argon2Cost(memory: ByteCount(bytes: 4 << 30), iterations: 1) != nil)
        for bytes in [-1, 0, 8_191, 8_193, 4 << 30 + 1_024] {
            #expect(Argon2Cost(memory: ByteCount(bytes: bytes), iterations: 1) == nil)
        }
        for iterations in [-1, 0, 1 << 32] {
            #expect(Argon2Cost(memory: .kibibytes(8), iterations: iterations) == nil)
        }
    }
}
