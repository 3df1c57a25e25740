import Shared

/// Tells the client's address: the peer's, or the last hop of `X-Forwarded-For` that is not a trusted proxy when the
/// peer is one. Forwarded headers from anybody else are ignored and, once a minute, complained about.
package struct ClientAddress: Middleware {
    private let proxies: ForwardedAddress
    private let complaint: Complaint

    package init(trustedProxies: [NetworkPrefix], clock: any WallClock, logger: Logger) {
        proxies = ForwardedAddress(trusted: trustedProxies, clock: clock, logger: logger)
        complaint = Complaint(clock: clock, logger: logger)
    }

    package func receive(_ request: inout Request, _ match: RouteTable.Match) {
        guard request.headers.contains(ForwardedAddress.name) else { return }
        guard proxies.isTrusted(request.peer) else {
            // A door for gateways has rules of its own for who is believed.
            if case .found(let route, _) = match, route.operation.isForGateways { return }
            return complaint.make(
                "forwarded headers from a peer that is not in TRUSTED_PROXIES; they are ignored and limits stay per peer",
                ["peer": LogValue(request.peer)])
        }
        request.clientAddress = proxies.client(of: request)
    }
}
