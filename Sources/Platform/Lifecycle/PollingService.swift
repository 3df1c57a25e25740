import Shared

/// Repeats a piece of work: at once while there is more, else when woken or after an interval.
package struct PollingService: Service {
    package let name: String
    private let wakeup: Wakeup
    private let interval: Duration
    private let pause: Duration
    private let batchSize: Int
    private let logger: Logger
    private let work: @Sendable () async throws -> Int
    private let atEnd: @Sendable () async throws -> Void
    private let failures = FailureLog()

    /// - Parameters:
    ///   - wakeup: signalled when there may be something to do.
    ///   - interval: looks anyway after so long, because a signal can be lost with its process. From a quarter of a
    ///     second on it may be so much earlier, together with others.
    ///   - pause: waits so long after a batch, so that the next one finds more at once.
    ///   - batchSize: after a batch of so many, the next one follows without the pause.
    ///   - work: one batch; returns how much it got done. What it throws is logged, the same once a minute, and it is
    ///     tried again.
    ///   - atEnd: after the last batch, when the service was asked to end. What it throws is logged.
    package init(
        _ name: String, wakeup: Wakeup = Wakeup(), interval: Duration = .seconds(1), pause: Duration = .zero,
        batchSize: Int = .max,
        logger: Logger,
        work: @escaping @Sendable () async throws -> Int,
        atEnd: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.name = name
        self.wakeup = wakeup
        self.interval = interval
        self.pause = pause
        self.batchSize = batchSize
        self.logger = logger
        self.work = work
        self.atEnd = atEnd
    }

    package func run(_ lifecycle: ServiceLifecycle) async throws {
        lifecycle.started()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await lifecycle.shutdownRequested()
                wakeup.signal()
            }
            while !lifecycle.isShuttingDown, !Task.isCancelled {
                let done = await workOnce()
                if done == 0 {
                    await wakeup.wait(about: interval)
                } else if pause > .zero, done < batchSize {
                    try? await Task.sleep(for: pause)
                }
            }
            group.cancelAll()
        }
        _ = await logging {
            try await atEnd()
            return 0
        }
    }

    private func workOnce() async -> Int { await logging(work) }

    private func logging(_ work: () async throws -> Int) async -> Int {
        do {
            return try await work()
        } catch {
            let cause = "\(error)"
            if failures.isDue(cause) {
                logger.warning("background work failed", ["service": .text(name), "cause": .text(cause)])
            }
            return 0
        }
    }
}
