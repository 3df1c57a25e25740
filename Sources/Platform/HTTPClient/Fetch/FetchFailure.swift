/// Why there is no answer. Has neither URL nor body, so it may be logged and shown.
package struct FetchFailure: Error, Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// The guard lets no request go there: scheme, port or address.
        case refused
        /// The name has no address, or its servers do not answer.
        case unresolved
        case unreachable
        /// The certificate is not valid for the host, or the handshake failed.
        case insecure
        case timedOut
        case tooLarge
        /// The connection ended before the answer did, or what came is no HTTP.
        case broken
        /// More redirects than allowed, or one that leads nowhere.
        case redirected
        /// The origin failed several times in a row and is left alone for a while. Nothing was sent.
        case paused
    }

    package let kind: Kind
    /// Constant words: libcurl's for its code, or ours.
    package let cause: String
    /// Whether the server may have got the request.
    package let mayHaveArrived: Bool
    /// Of `paused`: when a request is let through again.
    package let retryAfter: Duration?

    package init(_ kind: Kind, _ cause: String, mayHaveArrived: Bool = false, retryAfter: Duration? = nil) {
        self.kind = kind
        self.cause = cause
        self.mayHaveArrived = mayHaveArrived
        self.retryAfter = retryAfter
    }
}

extension FetchFailure: CustomStringConvertible {
    package var description: String { "\(kind.rawValue): \(cause)" }
}
