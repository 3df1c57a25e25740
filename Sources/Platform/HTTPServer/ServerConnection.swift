internal import CMicroHTTPD
import Shared
import Synchronization

/// One client connection, from libmicrohttpd's notice of its opening to that of its closing.
///
/// Unchecked: `lingers` belongs to the connection's HTTP thread, `halfClosedSince` to the sweeper; the rest is safe.
final class ServerConnection: @unchecked Sendable {
    let worker: Worker
    let descriptor: Int32
    let peer: NetworkAddress
    let deadline = Deadline()
    /// Whether the client may still be sending what nobody reads when the connection closes.
    var lingers = false
    var halfClosedSince: CoarseInstant?

    private let suspended = Mutex<Exchange?>(nil)

    init(worker: Worker, connection: OpaquePointer) {
        self.worker = worker
        descriptor = cmhd_descriptor(connection)
        peer = cmhd_peer(connection).map { SocketAddress.peer($0) } ?? .loopback
        deadline.expectRequest(within: worker.patience.head)
    }

    static func of(_ connection: OpaquePointer) -> ServerConnection? {
        cmhd_socket_context(connection).map { Unmanaged<ServerConnection>.fromOpaque($0).takeUnretainedValue() }
    }

    /// The exchange whose handler has left the HTTP thread, if any.
    var suspendedExchange: Exchange? { suspended.withLock { $0 } }

    func didSuspend(_ exchange: Exchange) {
        suspended.withLock { $0 = exchange }
        worker.counts.suspended.add(1, ordering: .relaxed)
    }

    func willResume() {
        suspended.withLock { $0 = nil }
        worker.counts.suspended.subtract(1, ordering: .relaxed)
    }
}
