internal import CLinux
import Glibc
import Shared
import Synchronization

/// Enforces the deadlines of connections, and looks for clients that have gone while their handler is at work.
/// libmicrohttpd does neither: its time-out starts again with every byte, and it does not look at suspended
/// connections.
final class Sweeper: Sendable {
    private let workers: [Worker]
    private let lingering: LingeringSockets
    private let intervalMicroseconds: UInt32
    private let isStopping = Atomic(false)

    init(workers: [Worker], lingering: LingeringSockets, interval: Duration) {
        self.workers = workers
        self.lingering = lingering
        intervalMicroseconds = UInt32(clamping: max(1, interval.wholeMilliseconds) * 1_000)
    }

    /// Blocks until `stop`.
    func run() {
        while !isStopping.load(ordering: .relaxed) {
            pause()
            for worker in workers { sweep(worker) }
            lingering.sweep()
        }
        lingering.closeAll()
    }

    /// As long as the interval. Workers that may be stuck are woken meanwhile.
    private func pause() {
        var left = intervalMicroseconds
        while left > 0 {
            let areMany = workers.reduce(false) { $1.wakeIfStuck() || $0 }
            let slice = areMany ? min(left, Self.nudgeMicroseconds) : left
            usleep(slice)
            left -= slice
        }
    }

    private static let nudgeMicroseconds: UInt32 = 10_000

    func stop() { isStopping.store(true, ordering: .relaxed) }

    /// Closes the connections on which nothing is going on. What has come on them already is still read.
    func closeIdle() {
        for worker in workers {
            for connection in worker.openedConnections {
                if case .request = connection.deadline.expectation { worker.shutDown(connection, SHUT_RD) }
            }
        }
    }

    private func sweep(_ worker: Worker) {
        let now = CoarseInstant.now
        let connections = worker.openedConnections
        var polled = connections.map { connection in
            pollfd(fd: connection.descriptor, events: clinux_poll_peer_half_closed, revents: 0)
        }
        // Some may close meanwhile, and their descriptors be given to others: `shutDown` looks again, and to
        // cancel a handler whose connection is closed is right anyway.
        poll(&polled, nfds_t(polled.count), 0)
        for (connection, result) in zip(connections, polled) {
            switch connection.deadline.expectation {
            case .request(let instant) where instant < now, .progress(let instant) where instant < now:
                // libmicrohttpd sees the end and closes it.
                worker.shutDown(connection, SHUT_RDWR)
            case .request, .progress:
                // libmicrohttpd misses the end of input that came together with the last bytes: it waits for
                // another event. This is one; what is unread can still be read.
                if result.revents & clinux_poll_peer_half_closed != 0 { worker.shutDown(connection, SHUT_RD) }
            case .nothing:
                if let exchange = connection.suspendedExchange,
                    isGone(connection, Int32(result.revents), worker.patience, now)
                {
                    exchange.cancel()
                }
            }
        }
    }

    private func isGone(
        _ connection: ServerConnection, _ events: Int32, _ patience: Patience, _ now: CoarseInstant
    ) -> Bool {
        if events & (POLLHUP | POLLERR) != 0 { return true }
        guard events & Int32(clinux_poll_peer_half_closed) != 0 else { return false }
        let since = connection.halfClosedSince ?? now
        connection.halfClosedSince = since
        return since + patience.disconnect <= now
    }
}
