internal import CLinux
import Glibc
import Shared

/// Accepts connections. Used on its loop only.
package final class Listener {
    /// When the process has no more descriptors, the next try is so much later: until then the kernel's queue waits.
    private static let pause = Duration.milliseconds(100)
    private static let acceptsPerEvent = 64

    /// The port it has, also when any was asked for.
    package let port: Int
    private let loop: EventLoop
    private let tls: TLSContext?
    private let handshakeTimeout: Duration
    private let makeHandler: () -> any ConnectionHandler
    private var descriptor: Int32
    private var token: UInt64?
    private var pauseTimer: LoopTimer?

    /// - Parameters:
    ///   - port: 0 for any.
    ///   - tls: with TLS; `opened` is called when its handshake is over.
    ///   - handshakeTimeout: the longest that such a handshake may take.
    ///   - makeHandler: called for each connection.
    /// - Throws: `ConnectionFailure` with the reason why the address cannot be taken.
    package init(
        _ loop: EventLoop, _ host: NetworkAddress, port: Int, backlog: Int32 = SOMAXCONN, tls: TLSContext? = nil,
        handshakeTimeout: Duration = .seconds(10), _ makeHandler: @escaping () -> any ConnectionHandler
    ) throws {
        assert(loop.isCurrent)
        guard let number = UInt16(exactly: port) else { throw ConnectionFailure(call: "bind", errorNumber: EINVAL) }
        let socket = clinux_stream_socket(host.isIPv4 ? AF_INET : AF_INET6)
        guard socket >= 0 else { throw ConnectionFailure(call: "socket", errorNumber: errno) }
        SocketOptions.set(socket, SOL_SOCKET, SO_REUSEADDR, 1)
        // Accepted connections inherit it.
        SocketOptions.set(socket, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        let isBound = KernelAddress(host, port: number).withPointer { bind(socket, $0, $1) == 0 }
        guard isBound, listen(socket, backlog) == 0, let bound = Self.port(of: socket) else {
            let failure = ConnectionFailure(call: "listen", errorNumber: errno)
            Glibc.close(socket)
            throw failure
        }
        self.loop = loop
        self.port = bound
        self.tls = tls
        self.handshakeTimeout = handshakeTimeout
        self.makeHandler = makeHandler
        descriptor = socket
        do {
            token = try loop.register(socket, .readable, self)
        } catch {
            Glibc.close(socket)
            descriptor = -1
            throw error
        }
    }

    /// From now on the kernel refuses connections; those that were accepted stay.
    package func close() {
        pauseTimer?.cancel()
        if let token { loop.unregister(descriptor, token: token) }
        token = nil
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    private func acceptOne() -> Bool {
        let accepted = clinux_accept(descriptor, nil, nil)
        if accepted >= 0 {
            Connection.accepted(
                loop, descriptor: accepted, tls: tls, timeout: handshakeTimeout, handler: makeHandler())
            return descriptor >= 0
        }
        switch errno {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: rest()
        default: break
        }
        // Connections that went before they were accepted are errors too: the next event comes for the next one.
        return false
    }

    private func rest() {
        guard let token else { return }
        loop.change(descriptor, [], token: token)
        let timer =
            pauseTimer
            ?? LoopTimer(loop) { [weak self] in
                guard let self, let token = self.token else { return }
                loop.change(descriptor, .readable, token: token)
            }
        pauseTimer = timer
        timer.schedule(after: Self.pause)
    }

    private static func port(of socket: Int32) -> Int? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let isKnown = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) == 0 }
        }
        guard isKnown else { return nil }
        // Both families have it at the same place.
        return withUnsafeBytes(of: &storage) { Int(UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self))) }
    }
}

extension Listener: ReadyHandler {
    func ready(_: ReadyEvents) {
        for _ in 0..<Self.acceptsPerEvent where !acceptOne() { return }
    }

    func loopEnded() { close() }
}
