import Shared
import Synchronization
import TestSupport
import Testing

@testable import Retention

@Suite("Pruning")
struct PrunerTests {
    /// Rows of one kind, and how long removing one takes.
    private final class Heap: Sendable {
        private struct State {
            var rows: Int
            var batches: [Int] = []
            var isBroken = false
        }

        static let failure = Unavailable("database", reason: "the disk is full")

        private let state: Mutex<State>
        private let clock: ManualClock
        private let perRow: Duration

        init(rows: Int, perRow: Duration = .zero, clock: ManualClock) {
            state = Mutex(State(rows: rows))
            self.clock = clock
            self.perRow = perRow
        }

        var rows: Int { state.withLock { $0.rows } }
        var batches: [Int] { state.withLock { $0.batches } }

        func setBroken(_ isBroken: Bool) { state.withLock { $0.isBroken = isBroken } }

        func prune(_ name: String, batch: Int = 500) -> Prune {
            Prune(name, retention: .seconds(60), batch: batch) { [self] _, limit in
                let removed = try state.withLock { state in
                    if state.isBroken { throw Self.failure }
                    let removed = min(limit, state.rows)
                    state.rows -= removed
                    state.batches.append(limit)
                    return removed
                }
                clock.advance(by: perRow * removed)
                return removed
            }
        }
    }

    private let clock = ManualClock()

    private func pruner(_ prunes: [Prune], logger: Logger = .silent) -> Pruner {
        Pruner(prunes, clock: clock, stopwatch: clock, logger: logger)
    }

    @Test("a run removes batch after batch of each kind, until nothing is left")
    func rounds() async throws {
        let (first, second) = (Heap(rows: 1_200, clock: clock), Heap(rows: 3, clock: clock))
        let pruner = pruner([first.prune("first"), second.prune("second")])
        #expect(try await pruner.run(for: .seconds(50)) == 1_203)
        #expect(first.rows == 0 && second.rows == 0)
        #expect(try await pruner.run(for: .seconds(50)) == 0)
    }

    @Test("a run ends when its time is over, and the next one goes on")
    func bounded() async throws {
        let slow = Heap(rows: 1_000, perRow: .milliseconds(1), clock: clock)
        let pruner = pruner([slow.prune("slow", batch: 10)])
        #expect(try await pruner.run(for: .milliseconds(45)) == 50)
        #expect(try await pruner.run(for: .milliseconds(10)) == 10)
        #expect(slow.rows == 940)
    }

    @Test("the horizon is as long ago as the rows stay")
    func horizon() async throws {
        let seen = Recorder<Timestamp>()
        let prune = Prune("rows", retention: .seconds(60)) { horizon, _ in
            seen.add(horizon)
            return 0
        }
        try await pruner([prune]).run(for: .seconds(50))
        try await prune.remove(at: clock.now)
        #expect(seen.all == [clock.now - .seconds(60), clock.now - .seconds(60)])
    }

    @Test("a batch that takes too long is halved until it does not, and grows again when rows go faster")
    func boundedInTime() async throws {
        let slow = Heap(rows: 850, perRow: .microseconds(400), clock: clock)
        try await pruner([slow.prune("slow", batch: 400)]).run(for: .seconds(50))
        // 50 rows take 20 ms, which is in time; then twice as many are tried.
        #expect(slow.batches == [400, 200, 100, 50, 100, 50])
    }

    @Test("no batch is larger than its kind allows, and none is empty")
    func boundedInRows() async throws {
        let slow = Heap(rows: 9, perRow: .seconds(1), clock: clock)
        let fast = Heap(rows: 40, clock: clock)
        try await pruner([slow.prune("slow", batch: 4), fast.prune("fast", batch: 8)]).run(for: .seconds(50))
        #expect(slow.batches == [4, 2, 1, 1, 1, 1])
        #expect(fast.batches == [8, 8, 8, 8, 8, 8])
    }

    @Test("one that fails delays no other, is tried once in a run, and makes the run fail in the end")
    func failure() async throws {
        let (broken, sound) = (Heap(rows: 10, clock: clock), Heap(rows: 1_200, clock: clock))
        broken.setBroken(true)
        let sink = RecordingLogSink()
        let pruner = pruner([broken.prune("broken"), sound.prune("sound")], logger: sink.logger())
        await #expect(throws: Pruner.Failure(causes: ["broken: \(Heap.failure)"])) {
            try await pruner.run(for: .seconds(50))
        }
        #expect(sink.messages == ["rows could not be pruned"])
        #expect(sound.rows == 0)
        broken.setBroken(false)
        #expect(try await pruner.run(for: .seconds(50)) == 10)
    }
}
