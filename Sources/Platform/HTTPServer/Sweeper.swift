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
            usleep(intervalMicroseconds)
            for worker in workers { sweep(worker) }
            lingering.sweep()
        }
        lingering.closeAll()
    }

    func stop() { isStopping.store(true, ordering: .relaxed) }

    /// Closes the connections on which nothing is going on. What has come on them already is still read.
    func closeIdle() {
        for worker in workers {
            worker.withConnections { connections in
                for connection in connections {
                    if case .request = connection.deadline.expectation {
                        shutdown(connection.descriptor, Int32(SHUT_RD))
                    }
                }
            }
        }
    }

    private func sweep(_ worker: Worker) {
        let now = CoarseInstant.now
        let gone = worker.withConnections { connections -> [Exchange] in
            var suspended: [(connection: ServerConnection, exchange: Exchange)] = []
            for connection in connections {
                switch connection.deadline.expectation {
                case .request(let instant), .progress(let instant):
                    // libmicrohttpd sees the end and closes it.
                    if instant < now { shutdown(connection.descriptor, Int32(SHUT_RDWR)) }
                case .nothing:
                    if let exchange = connection.suspendedExchange { suspended.append((connection, exchange)) }
                }
            }
            return disconnected(among: suspended, patience: worker.patience, now: now)
        }
        for exchange in gone { exchange.cancel() }
    }

    private func disconnected(
        among suspended: [(connection: ServerConnection, exchange: Exchange)], patience: Patience, now: CoarseInstant
    ) -> [Exchange] {
        if suspended.isEmpty { return [] }
        var polled = suspended.map {
            pollfd(fd: $0.connection.descriptor, events: clinux_poll_peer_half_closed, revents: 0)
        }
        guard poll(&polled, nfds_t(polled.count), 0) > 0 else { return [] }
        return zip(suspended, polled).compactMap { entry, result in
            if Int32(result.revents) & (POLLHUP | POLLERR | POLLNVAL) != 0 { return entry.exchange }
            guard result.revents & clinux_poll_peer_half_closed != 0 else { return nil }
            let since = entry.connection.halfClosedSince ?? now
            entry.connection.halfClosedSince = since
            return since + patience.disconnect <= now ? entry.exchange : nil
        }
    }
}
