import Shared

/// Decides where a request may go: it looks the name up once and checks every address. The connection is then made to
/// those addresses only, and checked again when its socket is opened and before each request, so what the name says
/// afterwards does not matter.
package struct EgressGuard: Sendable {
    package let policy: EgressPolicy
    private let resolver: any HostResolver

    package init(_ policy: EgressPolicy, resolver: any HostResolver = SystemHostResolver()) {
        self.policy = policy
        self.resolver = resolver
    }

    /// - Returns: where the host is: at least one address.
    /// - Throws: `FetchFailure` of the kind `refused` or `unresolved`; what the resolver throws.
    func addresses(for url: FetchURL) async throws -> [NetworkAddress] {
        if let refusal = policy.refusal(of: url) { throw refusal.failure }
        let addresses: [NetworkAddress]
        switch url.host {
        case .address(let address): addresses = [address]
        case .name(let name): addresses = try await resolver.addresses(of: name)
        }
        guard !addresses.isEmpty else { throw FetchFailure(.unresolved, "the name has no address") }
        // One private address among public ones is an attempt, or a mistake: neither is asked.
        let policy = policy.applied(to: url)
        for address in addresses {
            if let refusal = policy.refusal(of: address, port: url.port) { throw refusal.failure }
        }
        return addresses
    }
}

extension EgressPolicy.Refusal {
    var failure: FetchFailure {
        switch self {
        case .scheme: FetchFailure(.refused, "only https is allowed")
        case .port: FetchFailure(.refused, "the port is not allowed")
        case .address: FetchFailure(.refused, "the address is private or reserved, and EGRESS_ALLOW does not list it")
        }
    }
}
