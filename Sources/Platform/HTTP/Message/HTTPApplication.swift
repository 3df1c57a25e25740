/// What a server serves. The server reads requests and writes answers; everything else is here.
package protocol HTTPApplication: Sendable {
    /// Begins to answer a complete request, on the server's thread, so it must never block.
    func reply(to request: consuming Request) -> Reply

    /// The answer to a request that the server itself refuses, before or without its body.
    func refuse(_ refusal: RequestRefusal) -> Response
}

/// How an application answers a request.
package enum Reply: Sendable {
    /// It has the answer, and a task for it is saved.
    case now(Response)
    /// It may have to wait. Failures have become answers by then. The task is cancelled when the client has gone,
    /// so that work nobody waits for can stop.
    case later(@Sendable () async -> Response)
}

extension HTTPApplication {
    /// The answer, however long it takes.
    package func respond(to request: consuming Request) async -> Response {
        switch reply(to: request) {
        case .now(let response): response
        case .later(let work): await work()
        }
    }
}

/// Why a server refuses a request by itself.
package enum RequestRefusal: Sendable, Equatable {
    /// Not a well-formed HTTP/1.1 request; the reason is a constant, fit for the caller.
    case malformed(String)
    case bodyTooLarge(limitBytes: Int)
    /// The server is shutting down.
    case draining
}
