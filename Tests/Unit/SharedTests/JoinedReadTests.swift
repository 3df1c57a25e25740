import Shared
import Synchronization
import TestSupport
import Testing

@Suite("one read for all who ask at the same time")
struct JoinedReadTests {
    private struct Broken: Error {}

    /// Counts reads; each goes on when it is let through.
    private final class Source: Sendable {
        let count = Mutex(0)
        let askers = Mutex(0)
        let gate: AsyncStream<Void>
        let letThrough: AsyncStream<Void>.Continuation

        init() {
            (gate, letThrough) = AsyncStream.makeStream()
        }

        func read() async throws -> Int {
            let number = count.withLock { count in
                count += 1
                return count
            }
            for await _ in gate { break }
            return number
        }
    }

    @Test("whoever comes while one runs shares the next", .timeLimit(.minutes(1)))
    func joins() async throws {
        let source = Source()
        let joined = JoinedRead { try await source.read() }
        let first = Task { try await joined() }
        while source.count.withLock({ $0 }) == 0 { await Task.yield() }
        let others = (0..<10).map { _ in
            Task {
                source.askers.withLock { $0 += 1 }
                return try await joined()
            }
        }
        while source.askers.withLock({ $0 }) < 10 { await Task.yield() }
        try await Task.sleep(for: .milliseconds(20))
        source.letThrough.yield()
        #expect(try await first.value == 1)
        source.letThrough.yield()
        source.letThrough.yield()
        var numbers: Set<Int> = []
        for other in others { numbers.insert(try await other.value) }
        // One that was started but had not asked yet may come a round later.
        #expect(numbers.isSubset(of: [2, 3]) && numbers.contains(2))
    }

    @Test("each asks anew when nobody else does")
    func asksAnew() async throws {
        let count = Mutex(0)
        let joined = JoinedRead {
            count.withLock { count in
                count += 1
                return count
            }
        }
        for number in 1...3 {
            let read = try await joined()
            #expect(read == number)
        }
    }

    @Test("a failure is for those who waited for it alone")
    func failure() async throws {
        let fails = Mutex(true)
        let joined = JoinedRead { () throws -> Int in
            if fails.withLock({ $0 }) { throw Broken() }
            return 1
        }
        await #expect(throws: Broken.self) { _ = try await joined() }
        fails.withLock { $0 = false }
        let read = try await joined()
        #expect(read == 1)
    }
}
