import Shared
import Synchronization

/// How many connections each network of peers has open, so that one client cannot take them all.
final class PeerConnections: Sendable {
    /// Nil for as many as there are.
    private let limit: Int?
    /// Proxies and gateways, which bring many people.
    private let unlimited: [NetworkPrefix]
    private let counts = Mutex<[NetworkPrefix: Int]>([:])

    init(limit: Int?, unlimited: [NetworkPrefix]) {
        self.limit = limit
        self.unlimited = unlimited
    }

    /// - Returns: false if the peer's network, an IPv4 address or an IPv6 /64, has as many as it may.
    func open(_ peer: NetworkAddress) -> Bool {
        guard let limit, isCounted(peer) else { return true }
        return counts.withLock { counts in
            let count = counts[peer.limitPrefix, default: 0]
            guard count < limit else { return false }
            counts[peer.limitPrefix] = count + 1
            return true
        }
    }

    /// After each `open` that was true.
    func close(_ peer: NetworkAddress) {
        guard limit != nil, isCounted(peer) else { return }
        counts.withLock { counts in
            let count = counts[peer.limitPrefix, default: 0] - 1
            counts[peer.limitPrefix] = count > 0 ? count : nil
        }
    }

    private func isCounted(_ peer: NetworkAddress) -> Bool { !unlimited.contains { $0.contains(peer) } }
}
