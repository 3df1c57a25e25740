import Shared

/// Whether this process's memory is as good as the store.
package protocol Freshness: Sendable {
    /// Whether the process hears of changes in time.
    func isFresh(at now: Timestamp) -> Bool

    /// Returns at once, without suspending, while the process hears of changes in time; else the store is asked, once
    /// for all who wait.
    ///
    /// - Throws: `Unavailable` if it cannot be asked.
    func refreshIfStale(at now: Timestamp) async throws

    /// Asks the store now: somebody else knows of a change that this process has not heard of.
    func refresh() async throws
}
