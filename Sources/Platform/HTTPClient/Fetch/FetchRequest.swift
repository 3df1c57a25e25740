import Shared

/// A request to another system, and how long and how large its answer may be.
package struct FetchRequest: Sendable {
    package var method: String
    package var url: FetchURL
    /// In order; libcurl adds `Host`, `Content-Length` and, if it is absent, `User-Agent`.
    package var headers: [(name: String, value: String)]
    /// Nil: none. Empty: one of no bytes, with `Content-Length: 0`.
    package var body: [UInt8]?
    package var limits: FetchLimits
    package var trust: FetchTrust
    /// How many redirects are followed: 0 to 10. Each hop is checked like the first URL.
    package var redirectsMax: Int
    /// Whether it goes over a connection of its own: libcurl sends a request a second time if a connection that was used
    /// before turns out to be dead, and some requests must not be sent twice.
    package var needsFreshConnection: Bool

    package init(
        _ method: String, _ url: FetchURL, headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil, limits: FetchLimits = FetchLimits(), trust: FetchTrust = .system, redirectsMax: Int = 0,
        needsFreshConnection: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.limits = limits
        self.trust = trust
        self.redirectsMax = redirectsMax
        self.needsFreshConnection = needsFreshConnection
    }

    /// - Throws: `InternalFailure` for what would change the request's shape. It names no value.
    func validate() throws {
        func isToken(_ text: String) -> Bool {
            !text.isEmpty
                && text.utf8.allSatisfy { byte in
                    (0x21...0x7E).contains(byte) && !"\"(),/:;<=>?@[\\]{}".utf8.contains(byte)
                }
        }
        guard isToken(method) else { throw InternalFailure("an outgoing request has no method") }
        for (name, value) in headers {
            guard isToken(name), value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw InternalFailure("an outgoing request has a header that would break its head")
            }
        }
    }
}

/// The limits of one request with all its redirects.
package struct FetchLimits: Sendable, Equatable {
    package enum Overflow: Sendable {
        /// The request fails with `FetchFailure.Kind.tooLarge`.
        case fail
        /// The rest is not read; the answer says that it was cut.
        case cut
    }

    /// To name, connection and handshake.
    package var connect: Duration
    /// From the call to the last byte.
    package var total: Duration
    /// So long nothing may move; whole seconds, rounded up.
    package var idle: Duration
    package var headBytesMax: Int
    package var bodyBytesMax: Int
    package var overflow: Overflow

    package init(
        connect: Duration = .seconds(5), total: Duration = .seconds(10), idle: Duration = .seconds(10),
        headBytesMax: Int = 32 << 10, bodyBytesMax: Int = 1 << 20, overflow: Overflow = .fail
    ) {
        self.connect = connect
        self.total = total
        self.idle = idle
        self.headBytesMax = headBytesMax
        self.bodyBytesMax = bodyBytesMax
        self.overflow = overflow
    }
}

/// Whose certificates are believed, and who we are.
package struct FetchTrust: Sendable {
    /// Certificate authorities in PEM; nil: the system's.
    package var roots: [UInt8]?
    package var client: ClientCertificate?

    package init(roots: [UInt8]? = nil, client: ClientCertificate? = nil) {
        self.roots = roots
        self.client = client
    }

    /// The system's authorities, no certificate of our own.
    package static let system = FetchTrust()
}

/// What proves to a server who calls.
package struct ClientCertificate: Sendable {
    /// PEM: the certificate, then those of its issuers.
    package let chain: [UInt8]
    /// PEM without a pass phrase.
    package let key: Secret<[UInt8]>

    package init(chain: [UInt8], key: Secret<[UInt8]>) {
        self.chain = chain
        self.key = key
    }
}
