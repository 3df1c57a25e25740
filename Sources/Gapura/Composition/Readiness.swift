import SQL
import Shared
import Synchronization

/// Whether this process takes traffic: not while it starts or drains, not while it does not hear of changes or
/// cannot reach the database or write to it, and not while its clock differs from the database's.
final class Readiness: Sendable {
    private let database: any Database
    private let commits: CommitWatch
    private let clock: any WallClock
    /// Whether the modules' memory of what others did is fresh.
    private let isCurrent: @Sendable (_ now: Timestamp) -> Bool
    private let isServing = Atomic<Bool>(false)

    /// Lifetimes, leases and windows are compared between machines.
    static let clockDifferenceMax: Duration = .seconds(2)

    init(
        database: any Database, commits: CommitWatch, clock: any WallClock,
        isCurrent: @escaping @Sendable (_ now: Timestamp) -> Bool
    ) {
        self.database = database
        self.commits = commits
        self.clock = clock
        self.isCurrent = isCurrent
    }

    /// Whether the server has started and does not drain.
    func setServing(_ isServing: Bool) { self.isServing.store(isServing, ordering: .relaxed) }

    /// - Returns: why not; nil if it takes traffic.
    /// - Throws: what the database throws if it does not answer.
    func obstacle() async throws -> String? {
        guard isServing.load(ordering: .relaxed) else { return "it starts or drains" }
        let asked = clock.now
        guard isCurrent(asked) else { return "it does not hear of revocations or other changes" }
        guard !commits.isStuck else { return "nothing could be written for 2 s" }
        guard let theirs = try await database.time() else { return nil }
        // Somewhere between question and answer it was that time there.
        let isFast = asked - theirs > Self.clockDifferenceMax
        let isSlow = theirs - clock.now > Self.clockDifferenceMax
        return isFast || isSlow ? "its clock differs from the database's by more than 2 s" : nil
    }
}
