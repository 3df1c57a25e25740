import Glibc

extension Connection {
    /// Begins a connection. Its handler hears `opened`, or `ended` with the reason, which takes its turn after this call.
    ///
    /// - Parameters:
    ///   - loop: the current thread's.
    ///   - tls: with TLS; the certificate must be for the name or address of the endpoint.
    ///   - timeout: for looking the name up, connecting and the handshake of TLS together.
    /// - Returns: the connection, which can be closed before it is open.
    package static func connect(
        _ loop: EventLoop, to endpoint: Endpoint, tls: TLSContext? = nil, timeout: Duration,
        handler: any ConnectionHandler
    ) -> Connection {
        let name =
            switch endpoint {
            case .tcp(let host, _): host
            case .unix: "localhost"
            }
        let connection = Connection(
            loop, descriptor: -1, phase: .connecting, handler: handler,
            attempt: Attempt(tls: tls.map { (context: $0, serverName: name) }))
        connection.limitSetUp(to: timeout)
        loop.resolve(endpoint) { resolution in
            switch resolution {
            case .found(let addresses): connection.start(addresses)
            case .failed(let reason): connection.end(ConnectionFailure(.unresolved, reason))
            case .stopped: connection.loopEnded()
            }
        }
        return connection
    }

    /// A connection that a listener accepted.
    static func accepted(
        _ loop: EventLoop, descriptor: Int32, tls: TLSContext?, timeout: Duration, handler: any ConnectionHandler
    ) {
        let connection = Connection(
            loop, descriptor: descriptor, phase: tls == nil ? .open : .handshaking, handler: handler, attempt: nil)
        connection.watch(.readable)
        guard connection.phase != .ended else { return }
        if let tls {
            connection.limitSetUp(to: timeout)
            connection.beginTLS(tls, serverName: nil)
        } else {
            connection.becomeOpen()
        }
    }
}

enum SocketOptions {
    /// Small writes go at once, and a peer that vanished is noticed within half a minute.
    static func setClient(_ socket: Int32) {
        set(socket, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        set(socket, SOL_SOCKET, SO_KEEPALIVE, 1)
        set(socket, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 10)
        set(socket, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5)
        set(socket, Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
    }

    static func set(_ socket: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The error that the kernel keeps for a socket, which reading it clears; 0 if there is none.
    static func error(of socket: Int32) -> Int32 {
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(socket, SOL_SOCKET, SO_ERROR, &number, &length) == 0 ? number : errno
    }
}
