import Shared

/// A complete request. The server fills in what it read; middleware the rest.
package struct Request: Sendable {
    package let method: Method
    /// The target up to the first `?`, exactly as sent.
    package let path: String
    /// The target behind the first `?`, exactly as sent; nil without one.
    package let query: String?
    package let headers: Headers
    package let body: [UInt8]
    /// The address at the other end of the connection.
    package let peer: NetworkAddress

    /// The person's or program's address: the peer's, or what trusted proxies say.
    package var clientAddress: NetworkAddress
    /// Taken from `X-Request-Id` or made; in every answer and log line.
    package var id: String = "-"
    /// When the whole request was there.
    package let start = ContinuousClock.now
    /// The decoded values of the path's placeholders, in the order of the template.
    package var pathValues: [String] = []

    package init(
        method: Method, path: String, query: String? = nil, headers: Headers = Headers(), body: [UInt8] = [],
        peer: NetworkAddress = .loopback
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.peer = peer
        clientAddress = peer
    }
}
