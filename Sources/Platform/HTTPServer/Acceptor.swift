internal import CLinux
import Glibc
import Shared
import Synchronization

/// Accepts connections and hands each to the worker that has the fewest.
///
/// libmicrohttpd could accept by itself, but to end that while its threads run is a race that it answers with an
/// abort, and its pool divides the connection limit among the threads.
final class Acceptor: Sendable {
    private let socket: ListenSocket
    private let workers: [Worker]
    private let permits: Permits
    private let peers: PeerConnections
    private let complaints = Mutex<ContinuousClock.Instant?>(nil)
    private let logger: Logger
    private let isStopping = Atomic(false)

    init(
        socket: consuming ListenSocket, workers: [Worker], permits: Permits, peers: PeerConnections, logger: Logger
    ) {
        self.socket = socket
        self.workers = workers
        self.permits = permits
        self.peers = peers
        self.logger = logger
    }

    var port: Int { socket.port }

    /// Blocks until `stop`.
    func run() {
        while true {
            permits.take()
            if isStopping.load(ordering: .acquiring) { return }
            if !acceptOne() { permits.giveBack() }
        }
    }

    /// From now on the kernel refuses connections; `run` returns soon.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        shutdown(socket.descriptor, Int32(SHUT_RDWR))
        permits.giveBack()
    }

    private func acceptOne() -> Bool {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                let descriptor = clinux_accept(socket.descriptor, address, &length)
                guard descriptor >= 0 else {
                    recover(from: errno)
                    return false
                }
                let peer = SocketAddress.peer(address)
                guard peers.open(peer) else {
                    close(descriptor)
                    complain(of: peer)
                    return false
                }
                workers.min { $0.openConnections < $1.openConnections }?.adopt(descriptor, of: peer, address, length)
                return true
            }
        }
    }

    /// Once a minute: whoever opens too many does not stop soon.
    private func complain(of peer: NetworkAddress) {
        let now = ContinuousClock.now
        let isDue = complaints.withLock { last in
            if let last, now - last < .seconds(60) { return false }
            last = now
            return true
        }
        if isDue { logger.warning("a peer has too many connections; more are closed", ["peer": LogValue(peer)]) }
    }

    private func recover(from number: Int32) {
        switch number {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
            logger.warning("no connection can be accepted", ["reason": .text(String(cString: strerror(number)))])
            // The connection stays in the queue; trying at once would only burn the processor.
            usleep(250_000)
        default:
            // The client has gone already, or `stop` was called.
            break
        }
    }
}
