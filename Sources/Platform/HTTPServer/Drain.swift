import Glibc
import HTTP
import Shared
import Threads

/// The end of a server: every request that has come gets an answer, and by the deadline at the latest.
struct Drain {
    let workers: [Worker]
    let sweeper: Sweeper
    let logger: Logger

    private static let stepMilliseconds = 10
    /// For the last answers to get out when the deadline has passed.
    private static let flushSteps = 50

    /// Returns when the workers have stopped. No connection may be accepted any more.
    func run(until deadline: ContinuousClock.Instant) async {
        for worker in workers { worker.mode = .draining }
        sweeper.closeIdle()
        while isBusy, ContinuousClock.now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(Self.stepMilliseconds))
            sweeper.closeIdle()
        }
        if isBusy { refuseTheRest() }
        await stop()
    }

    private var isBusy: Bool { workers.contains { $0.openConnections > 0 } }

    private func refuseTheRest() {
        // First the mode: whoever suspends from now on sees it, and whoever has suspended is found below.
        for worker in workers { worker.mode = .ended }
        var count = 0
        for worker in workers {
            for exchange in worker.openedConnections.compactMap(\.suspendedExchange) {
                exchange.force(worker.application.refuse(.draining))
                count += 1
            }
        }
        logger.warning("requests were still running at the deadline", ["count": LogValue(count)])
    }

    private func stop() async {
        @Sendable func flushAndStop() {
            for _ in 0..<Self.flushSteps where isBusy {
                sweeper.closeIdle()
                usleep(UInt32(Self.stepMilliseconds * 1_000))
            }
            for worker in workers { worker.stop() }
        }
        do {
            try await OwnThread("http-stop", flushAndStop).join()
        } catch {
            flushAndStop()
        }
    }
}
