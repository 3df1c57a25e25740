import Retention
import Shared
import Synchronization
import TestSupport
import Testing

@Suite("Pruning")
struct PrunerTests {
    /// Rows of one kind, and how long removing one takes.
    private final class Heap: Sendable {
        private struct State {
            var rows: Int
            var batches: [Int] = []
            var isBroken = false
        }

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
                    if state.isBroken { throw Unavailable("database", reason: "the disk is full") }
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

    @Test("a round removes one batch of each kind, until nothing is left")
    func rounds() async {
        let (first, second) = (Heap(rows: 1_200, clock: clock), Heap(rows: 3, clock: clock))
        let pruner = pruner([first.prune("first"), second.prune("second")])
        #expect(await pruner.round() == 503)
        #expect(await pruner.round() == 500)
        #expect(await pruner.round() == 200)
        #expect(await pruner.round() == 0)
        #expect(first.rows == 0 && second.rows == 0)
    }

    @Test("the horizon is as long ago as the rows stay")
    func horizon() async throws {
        let seen = Recorder<Timestamp>()
        let prune = Prune("rows", retention: .seconds(60)) { horizon, _ in
            seen.add(horizon)
            return 0
        }
        _ = await pruner([prune]).round()
        try await prune.remove(at: clock.now)
        #expect(seen.all == [clock.now - .seconds(60), clock.now - .seconds(60)])
    }

    @Test("a batch that takes too long is halved until it does not, and grows again when rows go faster")
    func boundedInTime() async {
        let slow = Heap(rows: 10_000, perRow: .microseconds(400), clock: clock)
        let pruner = pruner([slow.prune("slow", batch: 400)])
        for _ in 0..<5 { _ = await pruner.round() }
        // 50 rows take 20 ms, which is in time; then twice as many are tried.
        #expect(slow.batches == [400, 200, 100, 50, 100])
    }

    @Test("no batch is larger than its kind allows, and none is empty")
    func boundedInRows() async {
        let slow = Heap(rows: 1_000, perRow: .seconds(1), clock: clock)
        let fast = Heap(rows: 1_000, clock: clock)
        let pruner = pruner([slow.prune("slow", batch: 4), fast.prune("fast", batch: 8)])
        for _ in 0..<5 { _ = await pruner.round() }
        #expect(slow.batches == [4, 2, 1, 1, 1])
        #expect(fast.batches == [8, 8, 8, 8, 8])
    }

    @Test("one that fails delays no other, is logged once a minute and goes on afterwards")
    func failure() async {
        let (broken, sound) = (Heap(rows: 10, clock: clock), Heap(rows: 2_000, clock: clock))
        broken.setBroken(true)
        let sink = RecordingLogSink()
        let pruner = pruner([broken.prune("broken"), sound.prune("sound")], logger: sink.logger())
        for _ in 0..<3 { #expect(await pruner.round() == 500) }
        #expect(sink.messages == ["rows could not be pruned"])
        broken.setBroken(false)
        #expect(await pruner.round() == 500)
        clock.advance(by: .seconds(60))
        #expect(await pruner.round() == 10)
        #expect(broken.rows == 0 && sound.rows == 0)
    }
}
