import SQL
import Shared
import Synchronization

/// Figures of the installation's events, as this process read them last.
package struct EventFigures: Sendable, Equatable {
    /// Committed and not handed over yet.
    package var waiting = 0
    /// When the oldest of those happened.
    package var waitingSince: Timestamp?
    /// Owed to some group: failed, behind a failed one, or of a group that does not run.
    package var parked = 0
    /// Those of them that failed.
    package var failing = 0
    /// When the oldest parked one happened.
    package var parkedSince: Timestamp?
    package var deadLetters = 0
    /// Groups that no process has run for seven days.
    package var idleGroups = 0
}

/// Says from time to time which groups run in this process, and looks after those that run in none.
final class GroupKeeper: Sendable {
    private struct State {
        var notedAt: Timestamp?
        var reportedAt: Timestamp?
        var figures: EventFigures?
    }

    private let registry: ConsumerGroups
    private let groups: [ConsumerGroup]
    private let logger: Logger
    private let state = Mutex(State())

    private static let reportInterval: Duration = .seconds(86_400)

    init(_ registry: ConsumerGroups, groups: [ConsumerGroup], logger: Logger) {
        self.registry = registry
        self.groups = groups
        self.logger = logger
    }

    /// Nil before the first look.
    var figures: EventFigures? { state.withLock { $0.figures } }

    /// Before the first batch, and then at most twice a minute.
    func keep(at now: Timestamp) async throws {
        let last = state.withLock { $0.notedAt }
        if let last, now < last + ConsumerGroups.interval { return }
        try await registry.note(groups, at: now, isStart: last == nil)
        let statuses = try await registry.list()
        let counts = try await registry.counts()
        let idle = statuses.filter { $0.isIdle(at: now) }
        let reports = state.withLock { state in
            state.notedAt = now
            state.figures = EventFigures(
                waiting: counts.waiting, waitingSince: counts.waitingSince,
                parked: statuses.map(\.parked).reduce(0, +), failing: statuses.map(\.failing).reduce(0, +),
                parkedSince: statuses.compactMap(\.oldestAt).min(), deadLetters: counts.dead, idleGroups: idle.count)
            if let reported = state.reportedAt, now < reported + Self.reportInterval { return false }
            if !idle.isEmpty { state.reportedAt = now }
            return true
        }
        guard reports else { return }
        for group in idle {
            logger.warning(
                "no process has run a consumer group for 7 days",
                [
                    "group": .text(group.name), "last_run_at": .text("\(group.lastRunAt)"),
                    "parked": LogValue(group.parked),
                ])
        }
    }

    /// Somebody removed a group that runs here.
    func noteAgain(at now: Timestamp) async throws {
        try await registry.note(groups, at: now, isStart: true)
    }
}
