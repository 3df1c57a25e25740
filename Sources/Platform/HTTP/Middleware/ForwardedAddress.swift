import Shared

/// Finds the client in `X-Forwarded-For`, for whoever has found that the peer is to be believed.
package struct ForwardedAddress: Sendable {
    private let trusted: [NetworkPrefix]

    /// - Parameter trusted: proxies; what they appended is believed.
    package init(trusted: [NetworkPrefix]) {
        self.trusted = trusted
    }

    package func isTrusted(_ address: NetworkAddress) -> Bool {
        trusted.contains { $0.contains(address) }
    }

    /// The last hop that is not a trusted proxy; the peer if there is none. From the right, because only what trusted
    /// proxies appended can be believed.
    package func client(of request: Request) -> NetworkAddress {
        // Most gateways tell one address.
        if request.headers.count(of: Self.name) == 1, let only = request.headers[Self.name],
            let address = NetworkAddress(text: only)
        {
            return address
        }
        return lastUntrustedHop(request.headers.all(Self.name)) ?? request.peer
    }

    static let name = "x-forwarded-for"

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
}
