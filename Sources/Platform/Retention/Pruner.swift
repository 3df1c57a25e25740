import Lifecycle
import SQL
import Shared
import Synchronization

/// Removes what is over, every minute, in batches that are bounded in rows and in time: whoever writes meanwhile waits
/// for one batch at most, and gets a turn before the next.
package final class Pruner: Sendable {
    private struct Progress {
        var limit: Int
        /// On the stopwatch: it failed, and is left alone until then.
        var pausedUntil: Duration?
    }

    private let prunes: [Prune]
    private let clock: any WallClock
    private let stopwatch: any MonotonicClock
    private let logger: Logger
    private let progress: Mutex<[Progress]>

    /// How long a batch may take, the wait for its turn included: after a longer one the next has half as many rows.
    package static let target: Duration = .milliseconds(20)
    private static let interval: Duration = .seconds(60)
    private static let pause: Duration = .milliseconds(20)

    package init(
        _ prunes: [Prune], clock: any WallClock, stopwatch: any MonotonicClock = SystemMonotonicClock(),
        logger: Logger
    ) {
        self.prunes = prunes
        self.clock = clock
        self.stopwatch = stopwatch
        self.logger = logger
        progress = Mutex(prunes.map { Progress(limit: $0.batch) })
    }

    package var service: any Service {
        PollingService("prune", interval: Self.interval, pause: Self.pause, logger: logger) { [self] in
            await round()
        }
    }

    /// One batch of each kind. One that fails delays no other: it is logged and left alone for a minute.
    ///
    /// - Returns: how many rows were removed.
    package func round() async -> Int {
        var removed = 0
        for (index, prune) in prunes.enumerated() where !Task.isCancelled {
            let begun = stopwatch.elapsed
            let (limit, isPaused) = progress.withLock {
                ($0[index].limit, $0[index].pausedUntil.map { begun < $0 } ?? false)
            }
            guard !isPaused else { continue }
            do {
                removed += try await prune.remove(at: clock.now, limit: limit)
                let next = stopwatch.elapsed - begun > Self.target ? max(1, limit / 2) : min(prune.batch, limit * 2)
                progress.withLock { $0[index] = Progress(limit: next) }
            } catch is CancellationError {
                break
            } catch {
                progress.withLock { $0[index].pausedUntil = begun + Self.interval }
                logger.warning("rows could not be pruned", ["rows": .text(prune.name), "cause": .text("\(error)")])
            }
        }
        return removed
    }
}
