import Shared
import Synchronization

/// A database that notes whether commits succeed. A full disk is known by it: reading goes on there, so nothing else
/// tells.
package final class CommitWatch: Sendable {
    private let base: any Database
    private let stopwatch: any MonotonicClock
    /// By the stopwatch: since when writes fail; nil while they succeed.
    private let failingSince = Mutex<Duration?>(nil)

    /// Without a successful commit for so long a process is not ready.
    package static let patience: Duration = .seconds(2)

    package init(_ base: any Database, stopwatch: any MonotonicClock = SystemMonotonicClock()) {
        self.base = base
        self.stopwatch = stopwatch
    }

    /// Whether writes fail, be it for a moment.
    package var isFailing: Bool { failingSince.withLock { $0 != nil } }

    /// Whether writes have failed for so long that this process should get no traffic.
    package var isStuck: Bool {
        let now = stopwatch.elapsed
        return failingSince.withLock { since in since.map { now - $0 >= Self.patience } ?? false }
    }

    private func noteFailure() {
        let now = stopwatch.elapsed
        failingSince.withLock { $0 = $0 ?? now }
    }

    /// While writes fail, tries one that surely reaches the disk; others may change nothing, and so succeed on a full
    /// one. A value that is another each time, because an equal one is not written again.
    ///
    /// - Throws: why it cannot be written.
    package func probe() async throws {
        guard isFailing else { return }
        let value = String(UInt64.random(in: .min ... .max))
        try await write { try InstallationFacts.set("storage.probe", value, in: $0) }
        failingSince.withLock { $0 = nil }
    }
}

extension CommitWatch: Database {
    package var dialect: Dialect { base.dialect }

    package func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> T
    ) async throws -> T {
        do {
            return try await base.write(body)
        } catch let unavailable as Unavailable where unavailable.resource == "database" {
            noteFailure()
            throw unavailable
        }
    }

    package func read<T: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> T
    ) async throws -> T {
        try await base.read(body)
    }

    package func time() async throws -> Timestamp? { try await base.time() }
    package func close(by deadline: ContinuousClock.Instant?) async { await base.close(by: deadline) }
}
