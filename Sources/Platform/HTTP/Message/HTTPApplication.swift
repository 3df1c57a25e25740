/// What a server serves. The server reads requests and writes answers; everything else is here.
package protocol HTTPApplication: Sendable {
    /// Answers a complete request; failures have become answers by then. Its task is cancelled when the client
    /// has gone, so that work nobody waits for can stop.
    func respond(to request: consuming Request) async -> Response

    /// The answer to a request that the server itself refuses, before or without its body.
    func refuse(_ refusal: RequestRefusal) -> Response
}

/// Why a server refuses a request by itself.
package enum RequestRefusal: Sendable, Equatable {
    /// Not a well-formed HTTP/1.1 request; the reason is a constant, fit for the caller.
    case malformed(String)
    case bodyTooLarge(limitBytes: Int)
    /// The server is shutting down.
    case draining
}
