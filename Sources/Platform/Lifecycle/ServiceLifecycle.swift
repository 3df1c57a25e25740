import Synchronization

/// What a running service and its group tell each other.
package final class ServiceLifecycle: Sendable {
    private let ready = Latch()
    private let shutdown = Latch()
    private let stopBy = Mutex<ContinuousClock.Instant?>(nil)

    package init() {}

    /// Called by the service: others may rely on it from now on.
    package func started() { ready.open() }

    /// Returns when the service shall end, or its task is cancelled.
    package func shutdownRequested() async { await shutdown.wait() }

    package var isShuttingDown: Bool { shutdown.isOpen }

    /// When a service that was asked to end must have ended; nil until then.
    package var deadline: ContinuousClock.Instant? { stopBy.withLock { $0 } }

    /// Sleeps, but not beyond the request to end.
    ///
    /// - Returns: false if the service shall end.
    package func sleep(for duration: Duration) async -> Bool {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await Task.sleep(for: duration) }
            group.addTask { await self.shutdown.wait() }
            await group.next()
            group.cancelAll()
        }
        return !isShuttingDown && !Task.isCancelled
    }

    func waitUntilStarted() async { await ready.wait() }

    /// For tests of a single service too: asks it to end.
    package func requestShutdown(deadline: ContinuousClock.Instant) {
        stopBy.withLock { $0 = deadline }
        shutdown.open()
    }
}
