import Shared

/// How a server listens and how patient it is.
package struct HTTPServerSettings: Sendable {
    /// The address to bind. `::` takes IPv4 too.
    package var host: NetworkAddress
    /// 0 to 65535; 0 means any free port, see `HTTPServer.boundPort`.
    package var port: Int
    /// How many threads serve connections, each with an epoll loop of its own; at least 1.
    package var threads: Int

    /// The largest body that is handed to the application.
    package var bodyLimit = ByteCount.mebibytes(1)
    /// The memory of one connection: a request's head, and later the answer's, must fit in. It is cleared after
    /// every request, so more costs speed.
    package var headLimit = ByteCount.kibibytes(32)
    /// Connections that are open at once; more wait in the kernel's queue until one closes. At least 1.
    package var connectionLimit = 10_000
    /// Of those, how many one IPv4 address or IPv6 /64 may have; more are closed at once. Nil: all of them.
    package var connectionsPerPeer: Int?
    /// Peers without that limit: proxies and gateways.
    package var unlimitedPeers: [NetworkPrefix] = []

    /// From the opening of a connection, or the first line of a later request, to the end of the head.
    package var headDeadline = Duration.seconds(10)
    /// From the end of the head to the end of the body.
    package var bodyDeadline = Duration.seconds(30)
    /// From the end of an answer to the first line of the next request.
    package var idleTimeout = Duration.seconds(60)
    /// From the moment the answer is known until the last byte was handed to the kernel.
    package var sendDeadline = Duration.seconds(30)
    /// How long a handler goes on when its client has closed its sending side. It may still read, or it may be
    /// gone: TCP does not tell. A connection that was reset cancels its handler at once.
    package var disconnectGrace = Duration.seconds(2)
    /// How often deadlines and disconnects are looked at; deadlines may be late by this much.
    package var sweepInterval = Duration.milliseconds(250)

    package init(host: NetworkAddress = .loopback, port: Int, threads: Int = 1) {
        self.host = host
        self.port = port
        self.threads = threads
    }
}
