import Shared
import Synchronization

/// Tells the client's address: the peer's, or the last hop of `X-Forwarded-For` that is not a trusted proxy when the
/// peer is one. Forwarded headers from anybody else are ignored and, once a minute, complained about.
package struct ClientAddress: Middleware {
    private let trustedProxies: [NetworkPrefix]
    private let clock: any WallClock
    private let logger: Logger
    private let lastComplaint = LastComplaint()

    private final class LastComplaint: Sendable {
        let moment = Mutex(Timestamp(milliseconds: 0))
    }

    package init(trustedProxies: [NetworkPrefix], clock: any WallClock, logger: Logger) {
        self.trustedProxies = trustedProxies
        self.clock = clock
        self.logger = logger
    }

    package func receive(_ request: inout Request, _: RouteTable.Match) {
        guard request.headers.contains("x-forwarded-for") else { return }
        guard isTrusted(request.peer) else { return complain(about: request.peer) }
        request.clientAddress = lastUntrustedHop(request.headers.all("x-forwarded-for")) ?? request.peer
    }

    private func isTrusted(_ address: NetworkAddress) -> Bool {
        trustedProxies.contains { $0.contains(address) }
    }

    /// From the right, because only what trusted proxies appended can be believed.
    private func lastUntrustedHop(_ headers: [String]) -> NetworkAddress? {
        let hops = headers.joined(separator: ",").split(separator: ",").map { String($0.filter { $0 != " " }) }
        var last: NetworkAddress?
        for hop in hops.reversed() {
            guard let address = NetworkAddress(text: hop) else { return last }
            last = address
            if !isTrusted(address) { return address }
        }
        return last
    }

    private func complain(about peer: NetworkAddress) {
        let now = clock.now
        let isDue = lastComplaint.moment.withLock { moment in
            guard now - moment >= .seconds(60) else { return false }
            moment = now
            return true
        }
        guard isDue else { return }
        logger.warning(
            "forwarded headers from a peer that is not in TRUSTED_PROXIES; they are ignored and limits stay per peer",
            ["peer": LogValue(peer)])
    }
}
