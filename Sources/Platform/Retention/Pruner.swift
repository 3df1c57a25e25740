import SQL
import Shared
import Synchronization

/// Removes what is over, in batches that are bounded in rows and in time: whoever writes meanwhile waits for one batch
/// at most, and gets a turn before the next.
package final class Pruner: Sendable {
    /// What kept rows from being removed.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        /// By the name of the rows, in their order.
        package let causes: [String]

        package var description: String { causes.joined(separator: "; ") }
    }

    private let prunes: [Prune]
    private let clock: any WallClock
    private let stopwatch: any MonotonicClock
    private let logger: Logger
    /// How many rows the next batch of each may have.
    private let limits: Mutex<[Int]>

    /// How long a batch may take, the wait for its turn included: after a longer one the next has half as many rows.
    package static let target: Duration = .milliseconds(20)
    private static let pause: Duration = .milliseconds(20)

    package init(
        _ prunes: [Prune], clock: any WallClock, stopwatch: any MonotonicClock = SystemMonotonicClock(),
        logger: Logger
    ) {
        self.prunes = prunes
        self.clock = clock
        self.stopwatch = stopwatch
        self.logger = logger
        limits = Mutex(prunes.map(\.batch))
    }

    /// Batches of each kind in turn, until nothing is left or the time is over. One that fails delays no other: it is
    /// logged, and left alone from then on.
    ///
    /// - Parameter span: after which no further round begins.
    /// - Returns: how many rows were removed.
    /// - Throws: `Failure` at the end; `CancellationError`.
    @discardableResult
    package func run(for span: Duration) async throws -> Int {
        let end = stopwatch.elapsed + span
        var failures: [Int: String] = [:]
        var total = 0
        while true {
            let removed = try await round(&failures)
            total += removed
            guard removed > 0, stopwatch.elapsed < end else { break }
            try await Task.sleep(for: Self.pause)
        }
        guard failures.isEmpty else { throw Failure(causes: failures.sorted { $0.key < $1.key }.map(\.value)) }
        return total
    }

    private func round(_ failures: inout [Int: String]) async throws -> Int {
        var removed = 0
        for (index, prune) in prunes.enumerated() where failures[index] == nil {
            try Task.checkCancellation()
            let begun = stopwatch.elapsed
            let limit = limits.withLock { $0[index] }
            do {
                removed += try await prune.remove(at: clock.now, limit: limit)
                let next = stopwatch.elapsed - begun > Self.target ? max(1, limit / 2) : min(prune.batch, limit * 2)
                limits.withLock { $0[index] = next }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                failures[index] = "\(prune.name): \(error)"
                logger.warning("rows could not be pruned", ["rows": .text(prune.name), "cause": .text("\(error)")])
            }
        }
        return removed
    }
}
