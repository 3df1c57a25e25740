internal import CMicroHTTPD
import Glibc
import HTTP
import Shared
import Synchronization

/// One epoll loop of libmicrohttpd on a thread of its own, and the connections it serves.
///
/// Unchecked: `daemon` and `nudge` are set once, before connections are handed over, and libmicrohttpd lets any thread hand
/// them over; `stop` is called once, after the last.
final class Worker: @unchecked Sendable {
    struct Counts: ~Copyable {
        let exchanges = Atomic(0)
        let suspended = Atomic(0)
    }

    let application: any HTTPApplication
    let logger: Logger
    let bodyLimit: ByteCount
    let patience: Patience
    let counts = Counts()
    let lingering: LingeringSockets

    private let permits: Permits
    private let peers: PeerConnections
    private let connections = Mutex<[Int32: ServerConnection]>([:])
    private let currentMode = Atomic(ServingMode.serving)
    private var daemon: OpaquePointer?
    private var nudge: Nudge?

    /// - Parameters:
    ///   - permits: one is given back for every connection that closes.
    ///   - peers: hears of every connection that closes.
    init(
        settings: HTTPServerSettings, application: any HTTPApplication, logger: Logger, permits: Permits,
        peers: PeerConnections, lingering: LingeringSockets
    ) throws {
        self.application = application
        self.logger = logger
        self.permits = permits
        self.peers = peers
        self.lingering = lingering
        bodyLimit = settings.bodyLimit
        patience = Patience(settings)
        var callbacks = workerCallbacks(for: self, logging: logger.level <= .debug)
        // The real limit is the acceptor's; this one must only never be in its way.
        let limit = UInt32(clamping: settings.connectionLimit).addingReportingOverflow(1)
        daemon = cmhd_start(
            &callbacks, settings.headLimit.bytes, limit.overflow ? .max : limit.partialValue, HeadReader.strictness)
        guard let daemon else { throw Unavailable("http_server", reason: "libmicrohttpd does not start") }
        nudge = Nudge(daemon)
        guard nudge != nil else {
            MHD_stop_daemon(daemon)
            throw Unavailable("http_server", reason: "a worker cannot be woken")
        }
    }

    var mode: ServingMode {
        get { currentMode.load(ordering: .acquiring) }
        set { currentMode.store(newValue, ordering: .releasing) }
    }

    var openConnections: Int { connections.withLock { $0.count } }

    /// Takes over an accepted socket, which is closed in any case.
    func adopt(_ descriptor: Int32, of peer: NetworkAddress, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) {
        if MHD_add_connection(daemon, descriptor, address, length) == .YES { return }
        permits.giveBack()
        peers.close(peer)
    }

    func didOpen(_ connection: ServerConnection) {
        connections.withLock { $0[connection.descriptor] = connection }
    }

    /// Called before the descriptor is closed and can be given to another connection.
    func willClose(_ connection: ServerConnection) {
        peers.close(connection.peer)
        _ = connections.withLock { $0.removeValue(forKey: connection.descriptor) }
        lingering.adopt(connection)
        permits.giveBack()
    }

    /// To be called every few milliseconds.
    ///
    /// - Returns: whether there are as many connections as a worker can get stuck with.
    func wakeIfStuck() -> Bool {
        guard openConnections >= Nudge.connectionsMin else { return false }
        nudge?.give()
        return true
    }

    /// A copy; any of them may close meanwhile.
    var openedConnections: [ServerConnection] { connections.withLock { Array($0.values) } }

    /// shutdown(2) on a connection, if its descriptor is still its own.
    ///
    /// - Parameter how: `SHUT_RD` or `SHUT_RDWR`.
    func shutDown(_ connection: ServerConnection, _ how: Int) {
        connections.withLock { connections in
            guard connections[connection.descriptor] === connection else { return }
            _ = shutdown(connection.descriptor, Int32(how))
        }
    }

    /// Ends the thread and closes what is open. Blocks; nothing may be suspended, and no socket adopted any more.
    func stop() {
        MHD_stop_daemon(daemon)
        daemon = nil
    }
}
