import SQL
import Shared
import Synchronization
import Testing

@Suite("The watch over commits")
struct CommitWatchTests {
    private final class Stopwatch: MonotonicClock {
        private let time = Mutex(Duration.zero)

        var elapsed: Duration { time.withLock { $0 } }
        func advance(by duration: Duration) { time.withLock { $0 += duration } }
    }

    /// Writes nothing; fails as a full disk does, but not where nothing is changed.
    private final class Disk: Database {
        let isFull = Mutex(false)
        let writes = Mutex(0)

        var dialect: Dialect { .sqlite }

        func write<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
            let paper = Paper()
            let result = try body(paper)
            guard paper.isWritten else { return result }
            writes.withLock { $0 += 1 }
            if isFull.withLock({ $0 }) { throw Unavailable("database", reason: "the disk is full") }
            return result
        }

        func read<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T {
            try body(Paper())
        }

        func time() async throws -> Timestamp? { nil }
        func close(by deadline: ContinuousClock.Instant?) async {}
    }

    private final class Paper: SQLTransaction {
        var isWritten = false
        var dialect: Dialect { .sqlite }

        func query<T>(_ statement: Statement, _ map: (Row) throws -> T) throws -> [T] { [] }
        func first<T>(_ statement: Statement, _ map: (Row) throws -> T) throws -> T? { nil }
        func execute(_ statement: Statement) throws -> Int { 0 }
        func submit(_ statement: Statement) throws { isWritten = true }
        func script(_ sql: String) throws {}
    }

    private let disk = Disk()
    private let stopwatch = Stopwatch()
    private var watch: CommitWatch { CommitWatch(disk, stopwatch: stopwatch) }

    private func write(_ watch: CommitWatch) async throws {
        try await watch.write { try $0.submit("UPDATE t SET a = 1") }
    }

    @Test("is stuck when writes have failed for two seconds, and no longer when one succeeds")
    func stuck() async throws {
        let watch = watch
        try await write(watch)
        #expect(!watch.isFailing)
        disk.isFull.withLock { $0 = true }
        await #expect(throws: Unavailable.self) { try await write(watch) }
        stopwatch.advance(by: .milliseconds(1_999))
        await #expect(throws: Unavailable.self) { try await watch.probe() }
        #expect(watch.isFailing && !watch.isStuck)
        stopwatch.advance(by: .milliseconds(1))
        #expect(watch.isStuck)
        disk.isFull.withLock { $0 = false }
        try await watch.probe()
        #expect(!watch.isFailing && !watch.isStuck)
    }

    @Test("work that changes nothing shows nothing")
    func changingNothing() async throws {
        let watch = watch
        disk.isFull.withLock { $0 = true }
        await #expect(throws: Unavailable.self) { try await write(watch) }
        stopwatch.advance(by: .seconds(2))
        #expect(try await watch.write { try $0.execute("DELETE FROM t WHERE a = 2") } == 0)
        #expect(watch.isStuck)
    }

    @Test("nothing is tried while writes succeed")
    func idle() async throws {
        try await watch.probe()
        #expect(disk.writes.withLock { $0 } == 0)
    }

    @Test("what a use case throws is no matter of the disk")
    func otherFailures() async throws {
        struct Refused: Error {}
        let watch = watch
        await #expect(throws: Refused.self) { try await watch.write { _ in throw Refused() } }
        await #expect(throws: Unavailable.self) {
            try await watch.write { _ in throw Unavailable("quota", reason: "full") }
        }
        #expect(!watch.isFailing)
    }
}
