import AccessApplication
import ChangeFeeds
import Shared

/// Freshness by the feed of changes.
struct AccessFreshness: Freshness {
    let feed: ChangeFeed<AccessChange>
    /// Of many who find that nothing was heard for too long, one reads.
    private let reads = LoadingCache<Int, Bool>(capacity: 1)

    init(_ feed: ChangeFeed<AccessChange>) { self.feed = feed }

    func isFresh(at now: Timestamp) -> Bool { feed.isCurrent(at: now) }

    func refresh() async throws { try await feed.read() }

    func refreshIfStale(at now: Timestamp) async throws {
        if isFresh(at: now) { return }
        _ = try await reads.value(0, at: now) { [feed] in
            try await feed.read()
            return .init(value: true, expiresAt: now)
        }
    }
}
