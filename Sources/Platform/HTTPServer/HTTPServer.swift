import Glibc
import HTTP
import Lifecycle
import Shared
import Synchronization
import Threads

/// Serves an application over HTTP/1.1, on libmicrohttpd.
///
/// A handler runs on the HTTP thread until it first suspends, so it must never block. libmicrohttpd answers a few
/// malformed requests by itself, in HTML: 400 for request lines and fields it cannot read, 413 for lengths beyond
/// 64 bits, 414 and 431 for heads that exceed `headLimit`, 505 for versions other than 1.x. Everything else that
/// is refused gets the application's answer.
///
/// The process ignores SIGPIPE from the first `run` on: a client that has gone must not end it.
package final class HTTPServer: Service, Sendable {
    private struct Running {
        let port: Int
        let workers: [Worker]
    }

    package let name: String
    private let settings: HTTPServerSettings
    private let application: any HTTPApplication
    private let logger: Logger
    private let running = Mutex<Running?>(nil)

    package init(name: String, settings: HTTPServerSettings, application: any HTTPApplication, logger: Logger) {
        self.name = name
        self.settings = settings
        self.application = application
        self.logger = logger.with("server", .text(name))
    }

    /// The port it listens on; nil unless it runs.
    package var boundPort: Int? { running.withLock { $0?.port } }

    /// All zero unless it runs.
    package var statistics: HTTPServerStatistics {
        var statistics = HTTPServerStatistics()
        for worker in running.withLock({ $0?.workers ?? [] }) {
            statistics.openConnections += worker.openConnections
            statistics.liveExchanges += worker.counts.exchanges.load(ordering: .relaxed)
            statistics.suspendedExchanges += worker.counts.suspended.load(ordering: .relaxed)
        }
        return statistics
    }

    /// Serves until it is asked to end, then drains: no new connections; running requests go on until the
    /// deadline; what has no answer then gets 503, and its handler is cancelled.
    ///
    /// - Throws: `ListenFailure` if the address cannot be taken, `Unavailable` if the system has no threads left.
    package func run(_ lifecycle: ServiceLifecycle) async throws {
        signal(SIGPIPE, SIG_IGN)
        let socket = try ListenSocket(host: settings.host, port: settings.port)
        let permits = Permits(max(1, settings.connectionLimit))
        let peers = PeerConnections(limit: settings.connectionsPerPeer, unlimited: settings.unlimitedPeers)
        let lingering = LingeringSockets()
        let workers = try startWorkers(permits: permits, peers: peers, lingering: lingering)
        let acceptor = Acceptor(socket: socket, workers: workers, permits: permits, peers: peers, logger: logger)
        let sweeper = Sweeper(workers: workers, lingering: lingering, interval: settings.sweepInterval)
        let threads: (accepting: OwnThread, sweeping: OwnThread)
        do {
            let sweeping = try OwnThread("http-sweep") { sweeper.run() }
            do {
                threads = (try OwnThread("http-accept") { acceptor.run() }, sweeping)
            } catch {
                sweeper.stop()
                await sweeping.join()
                throw error
            }
        } catch {
            for worker in workers { worker.stop() }
            throw error
        }
        running.withLock { $0 = Running(port: acceptor.port, workers: workers) }
        logger.info("listening", ["host": LogValue(settings.host), "port": LogValue(acceptor.port)])
        lifecycle.started()

        await lifecycle.shutdownRequested()
        acceptor.stop()
        await threads.accepting.join()
        await Drain(workers: workers, sweeper: sweeper, logger: logger).run(until: lifecycle.deadline ?? .now)
        sweeper.stop()
        await threads.sweeping.join()
        running.withLock { $0 = nil }
    }

    private func startWorkers(
        permits: Permits, peers: PeerConnections, lingering: LingeringSockets
    ) throws -> [Worker] {
        var workers: [Worker] = []
        do {
            for _ in 0..<max(1, settings.threads) {
                workers.append(
                    try Worker(
                        settings: settings, application: application, logger: logger, permits: permits,
                        peers: peers, lingering: lingering))
            }
        } catch {
            for worker in workers { worker.stop() }
            throw error
        }
        return workers
    }
}
